#include "cgroup.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <system_error>
#include <thread>

#include "keyed_file.h"

namespace ballast {
namespace {

const std::string kCgroupRoot = "/sys/fs/cgroup";
constexpr std::uint64_t kReclaimStepBytes = 64ULL << 20U;
// Steps that reclaim nothing more before the rest is taken to be in use.
constexpr int kFruitlessSteps = 3;
constexpr std::chrono::seconds kReclaimBound{5};
constexpr std::chrono::milliseconds kFreezeBound{200};
constexpr std::chrono::milliseconds kPoll{1};

std::uint64_t ParseNumber(const std::string& text) { return std::stoull(text); }

// As many as the quota fills, the last one perhaps in part: a program that starts a thread for each
// processor would otherwise have most of them wait for the quota.
std::uint64_t UsableProcessors(const Limits& limits, std::uint64_t online) {
  const std::uint64_t whole =
      (*limits.cpu_quota_us + limits.cpu_period_us - 1) / limits.cpu_period_us;
  return std::min(online, whole);
}

std::string MakeCgroup(const std::string& name) {
  std::string path = kCgroupRoot + "/" + name;
  WriteFile(kCgroupRoot + "/cgroup.subtree_control", "+memory +cpu +cpuset +pids");
  if (::mkdir(path.c_str(), 0755) != 0 && errno != EEXIST) {
    ThrowErrno("mkdir " + path);
  }
  return path;
}

}  // namespace

void KeepQuotasInUse() { WriteFile(MakeCgroup("quota") + "/cpu.max", "100000 100000"); }

Cgroup::Cgroup(const std::string& name) : path_(MakeCgroup(name)) {
  directory_ = Open(path_, O_RDONLY | O_DIRECTORY);
  peak_ = Open(Path("memory.peak"), O_RDWR);
  WriteFile(Path("memory.oom.group"), "1");
}

void Cgroup::SetLimits(const Limits& limits, bool whole_processor) {
  WriteFile(Path("memory.max"), std::to_string(limits.memory_bytes));
  WriteFile(Path("pids.max"), std::to_string(limits.processes));
  SetProcessor(limits, whole_processor);
}

void Cgroup::SetProcessor(const Limits& limits, bool whole_processor) {
  const bool unlimited = whole_processor || !limits.cpu_quota_us.has_value();
  const auto online = static_cast<std::uint64_t>(std::max(1L, ::sysconf(_SC_NPROCESSORS_ONLN)));
  const std::string quota = unlimited ? "max" : std::to_string(*limits.cpu_quota_us);
  WriteFile(Path("cpu.max"), quota + " " + std::to_string(limits.cpu_period_us));
  const std::uint64_t count = unlimited ? online : UsableProcessors(limits, online);
  WriteFile(Path("cpuset.cpus"), "0-" + std::to_string(count - 1));
}

void Cgroup::Freeze() {
  WriteFile(Path("cgroup.freeze"), "1");
  const auto give_up = std::chrono::steady_clock::now() + kFreezeBound;
  while (KeyedNumber(ReadFile(Path("cgroup.events")), "frozen") == 0 &&
         std::chrono::steady_clock::now() < give_up) {
    std::this_thread::sleep_for(kPoll);
  }
}

void Cgroup::Thaw() { WriteFile(Path("cgroup.freeze"), "0"); }

void Cgroup::Kill() { WriteFile(Path("cgroup.kill"), "1"); }

bool Cgroup::IsEmpty() const {
  return KeyedNumber(ReadFile(Path("cgroup.events")), "populated") == 0;
}

void Cgroup::ResetPeak() {
  if (::pwrite(peak_.get(), "0", 1, 0) < 0) {
    ThrowErrno("reset " + Path("memory.peak"));
  }
}

std::uint64_t Cgroup::CurrentBytes() const { return ParseNumber(ReadFile(Path("memory.current"))); }

std::uint64_t Cgroup::CachedBytes() const {
  const std::string stat = ReadFile(Path("memory.stat"));
  const std::uint64_t kept = KeyedNumber(stat, "file_mapped") + KeyedNumber(stat, "shmem");
  const std::uint64_t cached = KeyedNumber(stat, "file");
  return cached > kept ? cached - kept : 0;
}

CgroupMemory Cgroup::Memory() const {
  CgroupMemory memory;
  const std::string limit = ReadFile(Path("memory.max"));
  if (limit.rfind("max", 0) != 0) {
    memory.limit_bytes = ParseNumber(limit);
  }
  memory.current_bytes = CurrentBytes();
  memory.peak_bytes = ParseNumber(ReadFromStart(peak_.get(), Path("memory.peak")));
  memory.oom_kills = KeyedNumber(ReadFile(Path("memory.events")), "oom_kill");
  return memory;
}

std::uint64_t Cgroup::Reclaim(std::uint64_t target_bytes) {
  const auto give_up = std::chrono::steady_clock::now() + kReclaimBound;
  std::uint64_t current = CurrentBytes();
  int fruitless = 0;
  while (current > target_bytes && fruitless < kFruitlessSteps &&
         std::chrono::steady_clock::now() < give_up) {
    const std::uint64_t step = std::min(current - target_bytes, kReclaimStepBytes);
    try {
      WriteFile(Path("memory.reclaim"), std::to_string(step));
    } catch (const std::system_error& error) {
      // EAGAIN: less was reclaimed than was asked for, which the next look measures.
      if (error.code().value() != EAGAIN) {
        throw;
      }
    }
    const std::uint64_t before = current;
    current = CurrentBytes();
    fruitless = current < before ? 0 : fruitless + 1;
  }
  return current;
}

}  // namespace ballast
