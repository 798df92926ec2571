#pragma once

#include <libvirt/libvirt.h>
#include <napi.h>

#include <cstddef>
#include <memory>

#include "stream_ref.h"
#include "util/args.h"
#include "util/call.h"
#include "util/handle.h"

namespace ballast {

// A libvirt stream that never blocks, and that lives while it is open once it has a listener: what
// cannot be received or sent now gives null, and `arm` has the listener called when it can. Its
// calls run one after the other.
class Stream final : public HandleWrap<Stream> {
 public:
  static Napi::Function Define(Napi::Env env);
  static Napi::Object Wrap(Napi::Env env, std::shared_ptr<StreamRef> ref, Handle& parent,
                           const Napi::Object& parent_object);

  explicit Stream(const Napi::CallbackInfo& info);
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  Stream(Stream&&) = delete;
  Stream& operator=(Stream&&) = delete;
  ~Stream() override;

  void Emit(Napi::Env env, int events);

 private:
  // Gives null when nothing is there yet, and an empty Buffer at the end.
  Napi::Value Receive(const Napi::CallbackInfo& info);
  // Gives how many bytes were taken, or null when none can be taken now.
  Napi::Value Send(const Napi::CallbackInfo& info);
  // arm(events, token): Promise<void>
  Napi::Value Arm(const Napi::CallbackInfo& info);
  // listen(listener: (events: number) => void): void
  Napi::Value Listen(const Napi::CallbackInfo& info);
  Napi::Value Finish(const Napi::CallbackInfo& info);
  Napi::Value Abort(const Napi::CallbackInfo& info);
  Napi::Value Close(const Napi::CallbackInfo& info);

  template <class Run>
  Napi::Value Call(Args& args, Run run) {
    return StartCall(args.Env(),
                     {.handle = this,
                      .strand = ref_ == nullptr ? nullptr : ref_->strand(),
                      .ticket = CancelToken::Read(args)},
                     [ref = ref_, run = std::move(run)]() mutable { return run(*ref); });
  }

  void Release() override;

  std::shared_ptr<StreamRef> ref_;
  std::shared_ptr<StreamBell> bell_;
  Napi::FunctionReference listener_;
};

}  // namespace ballast
