#pragma once

#include <libvirt/libvirt.h>
#include <napi.h>

#include <memory>
#include <utility>

#include "util/args.h"
#include "util/call.h"
#include "util/handle.h"
#include "util/refs.h"

namespace ballast {

class Connection;

// A libvirt domain. Its calls run one after the other, also those made through another handle of
// the same connection. domain.cc holds its life, domain_memory.cc its sizes, domain_qmp.cc QEMU's
// monitor.
class Domain final : public HandleWrap<Domain> {
 public:
  static Napi::Function Define(Napi::Env env);
  static Napi::Object Wrap(Napi::Env env, std::shared_ptr<DomainRef> ref, Connection& parent);
  // The domain of an argument; null where JavaScript gave null.
  static std::shared_ptr<DomainRef> ReadOptional(Args& args, const char* name);

  explicit Domain(const Napi::CallbackInfo& info);

 private:
  Napi::Value Name(const Napi::CallbackInfo& info);
  Napi::Value Uuid(const Napi::CallbackInfo& info);
  Napi::Value Id(const Napi::CallbackInfo& info);
  Napi::Value Xml(const Napi::CallbackInfo& info);
  Napi::Value GetState(const Napi::CallbackInfo& info);
  Napi::Value GetInfo(const Napi::CallbackInfo& info);
  Napi::Value IsPersistent(const Napi::CallbackInfo& info);
  Napi::Value Start(const Napi::CallbackInfo& info);
  Napi::Value Resume(const Napi::CallbackInfo& info);
  Napi::Value Suspend(const Napi::CallbackInfo& info);
  Napi::Value Shutdown(const Napi::CallbackInfo& info);
  Napi::Value Destroy(const Napi::CallbackInfo& info);
  Napi::Value Undefine(const Napi::CallbackInfo& info);
  Napi::Value AbortJob(const Napi::CallbackInfo& info);
  Napi::Value SetMemory(const Napi::CallbackInfo& info);
  Napi::Value MemoryStats(const Napi::CallbackInfo& info);
  Napi::Value SetMemoryStatsPeriod(const Napi::CallbackInfo& info);
  Napi::Value UpdateDevice(const Napi::CallbackInfo& info);
  Napi::Value MonitorCommand(const Napi::CallbackInfo& info);
  Napi::Value MonitorCommandWithFiles(const Napi::CallbackInfo& info);
  Napi::Value Close(const Napi::CallbackInfo& info);

  enum class Order { kKeep, kOvertake };

  // Runs `run(virDomainPtr)` on the pool. The arguments must have been read up to the token.
  template <class Run>
  Napi::Value Call(Args& args, Run run, Order order = Order::kKeep) {
    const bool ordered = ref_ != nullptr && order == Order::kKeep;
    return StartCall(args.Env(),
                     {.handle = this,
                      .strand = ordered ? ref_->strand() : nullptr,
                      .ticket = CancelToken::Read(args)},
                     [ref = ref_, run = std::move(run)]() mutable { return run(ref->get()); });
  }

  // A call without parameters or result, and one with flags only.
  Napi::Value Command(const Napi::CallbackInfo& info, const char* name, int (*call)(virDomainPtr));
  Napi::Value Command(const Napi::CallbackInfo& info, const char* name,
                      int (*call)(virDomainPtr, unsigned));

  void Release() override;

  std::shared_ptr<DomainRef> ref_;
  const std::string name_;
  const std::string uuid_;
};

}  // namespace ballast
