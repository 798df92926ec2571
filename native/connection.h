#pragma once

#include <libvirt/libvirt.h>
#include <napi.h>

#include <memory>
#include <span>
#include <type_traits>
#include <utility>

#include "event_hub.h"
#include "util/args.h"
#include "util/call.h"
#include "util/handle.h"
#include "util/method.h"
#include "util/refs.h"

namespace ballast {

// A libvirt connection. Parent of its domains and subscriptions. What can be called is in the
// tables of the files connection_*.cc, by noun.
class Connection final : public HandleWrap<Connection> {
 public:
  static Napi::Function Define(Napi::Env env);
  // connect(uri, flags, busyPollUs, asks, authenticate, token): Promise<Connection>
  static Napi::Value Connect(const Napi::CallbackInfo& info);

  explicit Connection(const Napi::CallbackInfo& info);

  // Runs `run(virConnectPtr)` on the pool; a domain that it gives becomes a handle. The arguments
  // must have been read up to the token.
  template <class Run>
  Napi::Value Call(Args& args, Run run) {
    const CallSite site{.handle = this, .ticket = CancelToken::Read(args)};
    if constexpr (std::is_same_v<std::invoke_result_t<Run, virConnectPtr>, OwnedDomain>) {
      return StartCall(
          args.Env(), site,
          [ref = ref_, run = std::move(run)]() mutable {
            return DomainRef::Adopt(run(ref->get()), ref);
          },
          [this](Napi::Env env, std::shared_ptr<DomainRef> domain) {
            return WrapDomain(env, std::move(domain));
          });
    } else {
      return StartCall(args.Env(), site,
                       [ref = ref_, run = std::move(run)]() mutable { return run(ref->get()); });
    }
  }

  // Those of a connection keep no order.
  template <class Run>
  Napi::Value Call(Args& args, Run run, const Method<Connection>&) {
    return Call(args, std::move(run));
  }

  // Runs `run(std::shared_ptr<ConnectionRef>)`; `convert` makes a value on the JavaScript thread of
  // what it gave.
  template <class Run, class ToValue>
  Napi::Value Call(Args& args, Run run, ToValue convert) {
    return StartCall(
        args.Env(), {.handle = this, .ticket = CancelToken::Read(args)},
        [ref = ref_, run = std::move(run)]() mutable { return run(ref); }, std::move(convert));
  }

 private:
  Napi::Value Invoke(const Napi::CallbackInfo& info);
  Napi::Value ListDomains(const Napi::CallbackInfo& info);
  Napi::Value DomainStats(const Napi::CallbackInfo& info);
  Napi::Value Watch(const Napi::CallbackInfo& info);
  // migrateHere(domain, parameters, flags, token): Promise<Domain>
  Napi::Value MigrateHere(const Napi::CallbackInfo& info);
  Napi::Value Close(const Napi::CallbackInfo& info);

  Napi::Value WrapDomain(Napi::Env env, std::shared_ptr<DomainRef> domain);

  void Release() override;

  std::shared_ptr<ConnectionRef> ref_;
  std::shared_ptr<EventHub> hub_ = std::make_shared<EventHub>();
};

using ConnectionMethods = std::span<const Method<Connection>>;

// By file.
ConnectionMethods HostMethods();
ConnectionMethods HypervisorCpuMethods();
ConnectionMethods NodeMethods();
ConnectionMethods DomainMakerMethods();
ConnectionMethods StorageMethods();

}  // namespace ballast
