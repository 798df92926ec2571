#include "util/poller.h"

namespace ballast {

Poller::Poller(Napi::Env env) : rounds_(env, [this] { OnRound(); }) {}

void Poller::Began(Patience::Clock::duration limit) {
  if (++out_ > 1) {
    rounds_.Stop();
    for_result_.Drop();
    return;
  }
  const auto since = for_result_.Begin();
  if (limit == limit.zero() || !for_result_.Suffices(limit)) return;
  until_ = since + limit;
  rounds_.Start();
}

void Poller::Ended() {
  --out_;
  for_result_.End();
  rounds_.Stop();
}

void Poller::OnRound() {
  if (Patience::Clock::now() >= until_) rounds_.Stop();
}

}  // namespace ballast
