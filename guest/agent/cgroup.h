#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "posix.h"
#include "request.h"

namespace ballast {

// What the function's cgroup counts. Bytes.
struct CgroupMemory {
  std::optional<std::uint64_t> limit_bytes;
  std::uint64_t current_bytes = 0;
  std::uint64_t peak_bytes = 0;
  std::uint64_t oom_kills = 0;
};

// Makes a cgroup of no process whose quota stays. With a machine's first quota the kernel rewrites
// the code of its scheduler, and with its last one it rewrites it back (`cfs_bandwidth_usage_inc`
// in kernel/sched/fair.c): at each start, while other processors run that code. Where QEMU 7.2
// emulates them, one may come upon a breakpoint that is no longer there, and the guest panics. So
// this comes before there is a second processor, and the code stays as it is from then on.
void KeepQuotasInUse();

// The cgroup that holds the runtime and everything it starts. The function's user cannot write it.
class Cgroup {
 public:
  // Makes /sys/fs/cgroup/`name`.
  explicit Cgroup(const std::string& name);

  // A descriptor to start a process in the cgroup with.
  [[nodiscard]] int directory() const { return directory_.get(); }

  // With `whole_processor` the quota is left out.
  void SetLimits(const Limits& limits, bool whole_processor);
  void SetProcessor(const Limits& limits, bool whole_processor);

  void Freeze();
  void Thaw();

  // Kills every process, those that are being forked included.
  void Kill();
  [[nodiscard]] bool IsEmpty() const;

  // Makes the next peak that is read the highest use from now on.
  void ResetPeak();
  [[nodiscard]] CgroupMemory Memory() const;

  [[nodiscard]] std::uint64_t CurrentBytes() const;
  // Of files, in the page cache, that no process maps.
  [[nodiscard]] std::uint64_t CachedBytes() const;

  // Asks the kernel to reclaim until `target_bytes` are in use, in bounded steps. Returns the use
  // that was reached.
  std::uint64_t Reclaim(std::uint64_t target_bytes);

 private:
  [[nodiscard]] std::string Path(const char* file) const { return path_ + "/" + file; }

  std::string path_;
  UniqueFd directory_;
  // A reset of the peak holds for the descriptor that it was written to.
  UniqueFd peak_;
};

}  // namespace ballast
