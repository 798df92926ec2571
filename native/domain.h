#pragma once

#include <libvirt/libvirt.h>
#include <napi.h>

#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "util/args.h"
#include "util/call.h"
#include "util/handle.h"
#include "util/method.h"
#include "util/refs.h"

namespace ballast {

class Connection;

// A libvirt domain. Its calls run one after the other, also those made through another handle of
// the same connection. What can be called is in the tables of the files domain_*.cc, by noun.
class Domain final : public HandleWrap<Domain> {
 public:
  static Napi::Function Define(Napi::Env env);
  static Napi::Object Wrap(Napi::Env env, std::shared_ptr<DomainRef> ref, Connection& parent);
  // The domain of an argument; null where JavaScript gave null.
  static std::shared_ptr<DomainRef> ReadOptional(Args& args, const char* name);

  explicit Domain(const Napi::CallbackInfo& info);

  // Runs `run(virDomainPtr)` on the pool. The arguments must have been read up to the token.
  template <class Run>
  Napi::Value Call(Args& args, Run run, const Method<Domain>& method) {
    return StartCall(
        args.Env(),
        SiteOf(args, method.order, method.order == Order::kShare ? args.Describe(method.name) : ""),
        [ref = ref_, run = std::move(run)]() mutable { return run(ref->get()); });
  }

  // As above; `convert` makes a value on the JavaScript thread of what `run` gave.
  template <class Run, class ToValue>
  Napi::Value Call(Args& args, Run run, ToValue convert) {
    return StartCall(
        args.Env(), SiteOf(args, Order::kKeep),
        [ref = ref_, run = std::move(run)]() mutable { return run(*ref); }, std::move(convert));
  }

 private:
  Napi::Value Name(const Napi::CallbackInfo& info);
  Napi::Value Uuid(const Napi::CallbackInfo& info);
  Napi::Value Invoke(const Napi::CallbackInfo& info);
  Napi::Value Close(const Napi::CallbackInfo& info);

  CallSite SiteOf(Args& args, Order order, std::string reads = {}) {
    const bool ordered = ref_ != nullptr && order != Order::kOvertake;
    return {.handle = this,
            .strand = ordered ? ref_->strand() : nullptr,
            .reads = std::move(reads),
            .ticket = CancelToken::Read(args)};
  }

  void Release() override;

  std::shared_ptr<DomainRef> ref_;
  const std::string name_;
  const std::string uuid_;
};

using DomainMethods = std::span<const Method<Domain>>;

// By file.
DomainMethods BlockMethods();
DomainMethods BlockJobMethods();
DomainMethods CheckpointMethods();
DomainMethods CpuMethods();
DomainMethods DeviceMethods();
DomainMethods GuestMethods();
DomainMethods InterfaceMethods();
DomainMethods JobMethods();
DomainMethods LifecycleMethods();
DomainMethods MemoryMethods();
DomainMethods MigrationMethods();
DomainMethods QmpMethods();
DomainMethods SaveMethods();
DomainMethods SecurityMethods();
DomainMethods SnapshotMethods();
DomainMethods StateMethods();
DomainMethods StreamMethods();
DomainMethods TuningMethods();

}  // namespace ballast
