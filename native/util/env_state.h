#pragma once

#include <napi.h>

#include <memory>

#include "util/mailbox.h"
#include "util/poller.h"

namespace ballast {

// What the addon keeps for one environment: the main thread has one, each worker thread another.
class EnvState {
 public:
  static void Install(Napi::Env env);
  static EnvState& Of(Napi::Env env);

  explicit EnvState(Napi::Env env) : mailbox(std::make_shared<Mailbox>(env)), poller(env) {}

  std::shared_ptr<Mailbox> mailbox;
  Poller poller;
  Napi::FunctionReference connection_class;
  Napi::FunctionReference domain_class;
  Napi::FunctionReference subscription_class;
  Napi::FunctionReference stream_class;
  Napi::FunctionReference cancel_token_class;

 private:
  void End();
};

}  // namespace ballast
