#pragma once

#include <chrono>
#include <optional>

namespace ballast {

// Whether a thread that waits should look for what it waits for rather than sleep: to sleep and be
// woken takes longer than many a wait does. It should where the last wait was no longer than the
// limit, so that one who waits long looks in vain once and not each time.
class Patience {
 public:
  using Clock = std::chrono::steady_clock;

  // Gives the time at which the wait began.
  Clock::time_point Begin() {
    since_ = Clock::now();
    return *since_;
  }

  // What was waited for came; nothing where nobody waits.
  void End() {
    if (since_) last_ = Clock::now() - *since_;
    since_.reset();
  }

  // The wait turned out to be another than the one that began.
  void Drop() { since_.reset(); }

  [[nodiscard]] bool Suffices(Clock::duration limit) const { return last_ <= limit; }

 private:
  std::optional<Clock::time_point> since_;
  Clock::duration last_{};
};

}  // namespace ballast
