#pragma once

#include <libvirt/libvirt.h>
#include <napi.h>

#include <memory>
#include <utility>

#include "event_hub.h"
#include "util/args.h"
#include "util/call.h"
#include "util/handle.h"
#include "util/refs.h"

namespace ballast {

// A libvirt connection. Parent of its domains and subscriptions.
class Connection final : public HandleWrap<Connection> {
 public:
  static Napi::Function Define(Napi::Env env);
  // connect(uri, readOnly, token): Promise<Connection>
  static Napi::Value Connect(const Napi::CallbackInfo& info);

  explicit Connection(const Napi::CallbackInfo& info);

 private:
  Napi::Value Version(const Napi::CallbackInfo& info);
  Napi::Value Hostname(const Napi::CallbackInfo& info);
  Napi::Value Capabilities(const Napi::CallbackInfo& info);
  Napi::Value DomainCapabilities(const Napi::CallbackInfo& info);
  Napi::Value IsAlive(const Napi::CallbackInfo& info);
  Napi::Value DefineDomain(const Napi::CallbackInfo& info);
  Napi::Value CreateDomain(const Napi::CallbackInfo& info);
  Napi::Value LookupByName(const Napi::CallbackInfo& info);
  Napi::Value LookupByUuid(const Napi::CallbackInfo& info);
  Napi::Value ListDomains(const Napi::CallbackInfo& info);
  Napi::Value Watch(const Napi::CallbackInfo& info);
  Napi::Value Close(const Napi::CallbackInfo& info);

  // Runs `run(virConnectPtr)` on the pool. The arguments must have been read up to the token.
  template <class Run>
  Napi::Value Call(Args& args, Run run) {
    return StartCall(args.Env(), {.handle = this, .ticket = CancelToken::Read(args)},
                     [ref = ref_, run = std::move(run)] { return run(ref->get()); });
  }

  // A call that gives one domain: `get` makes it from the connection.
  template <class Get>
  Napi::Value StartForDomain(Args& args, const char* call, Get get);

  void Release() override;

  std::shared_ptr<ConnectionRef> ref_;
  std::shared_ptr<EventHub> hub_ = std::make_shared<EventHub>();
};

}  // namespace ballast
