#pragma once

#include <napi.h>

#include <cstddef>

#include "util/patience.h"
#include "util/rounds.h"

namespace ballast {

// Has the JavaScript thread of an environment look for the result of a call instead of sleeping,
// for a bounded time and only while one call alone is out: with more of them there is other work to
// be woken for. The event loop goes round meanwhile, so that nothing else waits.
//
// JavaScript thread only.
class Poller {
 public:
  explicit Poller(Napi::Env env);

  // A call was queued, whose result may be looked for for so long; zero for not at all.
  void Began(Patience::Clock::duration limit);
  void Ended();

 private:
  void OnRound();

  Rounds rounds_;
  std::size_t out_ = 0;
  Patience for_result_;
  Patience::Clock::time_point until_;
};

}  // namespace ballast
