#pragma once

#include <napi.h>

#include <cstdint>
#include <functional>
#include <optional>

namespace ballast {

// The rounds of an environment's event loop: which one this is, and something to be done in each of
// them from now on, between which the loop does not sleep. That does not keep the process alive.
//
// JavaScript thread only. To live until the environment's cleanup hooks have run. All does nothing
// where there is no event loop of libuv's, or not any more.
class Rounds {
 public:
  Rounds(Napi::Env env, std::function<void()> on_round);
  ~Rounds() = default;
  Rounds(const Rounds&) = delete;
  Rounds& operator=(const Rounds&) = delete;
  Rounds(Rounds&&) = delete;
  Rounds& operator=(Rounds&&) = delete;

  void Start();
  void Stop();
  // None where there is no event loop.
  [[nodiscard]] std::optional<std::uint64_t> Current() const;

 private:
  class Libuv;

  // Deletes itself when the environment ends, and leaves null here.
  Libuv* libuv_;
};

}  // namespace ballast
