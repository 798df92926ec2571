#include "clock.h"

#include <ctime>

#include "posix.h"

namespace ballast {
namespace {

constexpr std::uint64_t kToleranceMs = 20;
constexpr std::uint64_t kMsPerSecond = 1000;
constexpr std::uint64_t kNsPerMs = 1'000'000;

std::uint64_t NowMs(clockid_t clock) {
  timespec now{};
  Check(::clock_gettime(clock, &now), "clock_gettime");
  return static_cast<std::uint64_t>(now.tv_sec) * kMsPerSecond +
         static_cast<std::uint64_t>(now.tv_nsec) / kNsPerMs;
}

}  // namespace

void SetClock(std::uint64_t now_ms) {
  const std::uint64_t here_ms = NowMs(CLOCK_REALTIME);
  const std::uint64_t off_ms = here_ms > now_ms ? here_ms - now_ms : now_ms - here_ms;
  if (off_ms <= kToleranceMs) {
    return;
  }
  const timespec wanted{static_cast<time_t>(now_ms / kMsPerSecond),
                        static_cast<long>((now_ms % kMsPerSecond) * kNsPerMs)};
  Check(::clock_settime(CLOCK_REALTIME, &wanted), "clock_settime");
}

std::uint64_t UptimeMs() { return NowMs(CLOCK_BOOTTIME); }

}  // namespace ballast
