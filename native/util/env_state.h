#pragma once

#include <napi.h>

#include <memory>

#include "util/mailbox.h"

namespace ballast {

// What the addon keeps for one environment: the main thread has one, each worker thread another.
class EnvState {
 public:
  static void Install(Napi::Env env);
  static EnvState& Of(Napi::Env env);

  explicit EnvState(Napi::Env env) : mailbox(std::make_shared<Mailbox>(env)) {}

  std::shared_ptr<Mailbox> mailbox;
  Napi::FunctionReference connection_class;
  Napi::FunctionReference domain_class;
  Napi::FunctionReference subscription_class;
  Napi::FunctionReference stream_class;
  Napi::FunctionReference cancel_token_class;

 private:
  void End();
};

}  // namespace ballast
