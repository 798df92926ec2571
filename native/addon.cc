#include <napi.h>

#include "connection.h"
#include "domain.h"
#include "stream.h"
#include "subscription.h"
#include "util/call.h"
#include "util/env_state.h"

namespace {

Napi::Object Init(Napi::Env env, Napi::Object exports) {
  using ballast::EnvState;
  EnvState::Install(env);
  EnvState& state = EnvState::Of(env);
  const Napi::Function cancel_token = ballast::CancelToken::Define(env);
  state.cancel_token_class = Napi::Persistent(cancel_token);
  state.connection_class = Napi::Persistent(ballast::Connection::Define(env));
  state.domain_class = Napi::Persistent(ballast::Domain::Define(env));
  state.subscription_class = Napi::Persistent(ballast::Subscription::Define(env));
  state.stream_class = Napi::Persistent(ballast::Stream::Define(env));
  exports.Set("CancelToken", cancel_token);
  exports.Set("connect", Napi::Function::New(env, ballast::Connection::Connect, "connect"));
  return exports;
}

}  // namespace

NODE_API_MODULE(ballast_libvirt, Init)
