#include "free_memory.h"

#include "meminfo.h"
#include "posix.h"

namespace ballast {
namespace {

// So much of the page cache is dropped as a whole.
constexpr std::uint64_t kManyBytes = 256ULL << 20U;

void DropCaches() { WriteFile("/proc/sys/vm/drop_caches", "1"); }

// The kernel reclaims page by page in the order of their use; the pages of files it can also drop
// file by file, which takes less. Those that a process maps stay.
void DropFiles(const Cgroup& cgroup, const Scratch& scratch, std::uint64_t target_bytes) {
  const bool is_much = cgroup.CurrentBytes() >= target_bytes + kManyBytes;
  if (is_much && cgroup.CachedBytes() >= kManyBytes) {
    scratch.Sync();
    DropCaches();
  }
}

}  // namespace

std::uint64_t FreeMemory(Cgroup& cgroup, const Scratch& scratch, std::uint64_t target_bytes) {
  const std::uint64_t limit = cgroup.Memory().limit_bytes.value_or(target_bytes);
  DropFiles(cgroup, scratch, target_bytes);
  const std::uint64_t used = cgroup.Reclaim(target_bytes);
  // The host takes away what the limit gives up. Caches outside the cgroup are dropped only when
  // the free memory does not cover that: they hold the runtime, which would have to read it again.
  const std::uint64_t taken = limit > target_bytes ? limit - target_bytes : 0;
  if (ReadMeminfo().free_bytes < taken + kKernelSpareBytes) {
    DropCaches();
    WriteFile("/proc/sys/vm/compact_memory", "1");
  }
  return used;
}

}  // namespace ballast
