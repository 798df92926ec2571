#pragma once

#include <napi.h>

#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

#include "util/args.h"
#include "util/call_pool.h"
#include "util/env_state.h"
#include "util/failure.h"
#include "util/handle.h"
#include "util/record.h"

namespace ballast {

class CallBase;

// Lets JavaScript withdraw a call. Shared by the call and its token; JavaScript thread only.
struct Ticket {
  CallBase* call = nullptr;
  bool abandoned = false;
};

// The JavaScript side of a Ticket.
class CancelToken final : public Napi::ObjectWrap<CancelToken> {
 public:
  static Napi::Function Define(Napi::Env env);
  // The ticket of a token argument; null when there is none.
  static std::shared_ptr<Ticket> Read(Args& args);

  explicit CancelToken(const Napi::CallbackInfo& info) : Napi::ObjectWrap<CancelToken>(info) {}

 private:
  // A call that waits is dequeued and rejected as aborted. One that runs goes on, because libvirt
  // cannot be interrupted; its result will be dropped.
  Napi::Value Cancel(const Napi::CallbackInfo& info);

  std::shared_ptr<Ticket> ticket_ = std::make_shared<Ticket>();
};

// Where a call belongs.
struct CallSite {
  // The handle it was made on: admits it, and cannot close before it ends. Null for `connect`.
  Handle* handle = nullptr;
  // Keeps the order with the other calls of a domain; null for none.
  std::shared_ptr<Strand> strand = nullptr;
  // What it reads, for a call that may share its answer with others that read the same.
  std::string reads = {};
  std::shared_ptr<Ticket> ticket = nullptr;
};

// The part of a call that does not depend on what is called.
class CallBase : public Job {
 public:
  // Queues the call; the promise of its result. What cannot be admitted is rejected.
  static Napi::Value Submit(Napi::Env env, std::unique_ptr<CallBase> call, const CallSite& site);

  void Deliver(Napi::Env env) final;
  // Ends a call that was taken out of the queue.
  void Abort(Napi::Env env);

 protected:
  explicit CallBase(Napi::Env env);

  // Once for each that shares the result.
  virtual Napi::Value Convert(Napi::Env env) = 0;
  void Fail(Failure failure) { failure_ = std::move(failure); }

 private:
  void Admit(Napi::Env env, const CallSite& site);
  // Ends the call with what `answered` came to: itself, or the one that it shares the answer of.
  void Conclude(Napi::Env env, CallBase& answered);
  void Settle(Napi::Env env, CallBase& answered);

  Handle* handle_ = nullptr;
  std::shared_ptr<Ticket> ticket_;
  Napi::Promise::Deferred deferred_;
  std::optional<Failure> failure_;
};

// `run` makes the libvirt call on a pool thread and throws a Failure (Check does); `convert` turns
// what it returned into a value on the JavaScript thread.
template <class Run, class ToValue>
class Call final : public CallBase {
 public:
  Call(Napi::Env env, Run run, ToValue convert)
      : CallBase(env), run_(std::move(run)), convert_(std::move(convert)) {}

  void Execute() noexcept override {
    try {
      result_.emplace((*run_)());
    } catch (const Failure& failure) {
      Fail(failure);
    } catch (const std::exception& error) {
      Fail(Failure(Failure::Kind::kInternal, error.what()));
    }
    // What it captured is released here, where libvirt may be called.
    run_.reset();
  }

 private:
  Napi::Value Convert(Napi::Env env) override { return convert_(env, std::move(*result_)); }

  std::optional<Run> run_;
  ToValue convert_;
  std::optional<std::invoke_result_t<Run&>> result_;
};

// Makes a libvirt call on the pool; the promise of its result.
template <class Run, class ToValue>
Napi::Value StartCall(Napi::Env env, const CallSite& site, Run run, ToValue convert) {
  auto call = std::make_unique<Call<Run, ToValue>>(env, std::move(run), std::move(convert));
  return CallBase::Submit(env, std::move(call), site);
}

template <class Run>
Napi::Value StartCall(Napi::Env env, const CallSite& site, Run run) {
  return StartCall(env, site, std::move(run),
                   [](Napi::Env to, auto&& result) -> Napi::Value { return ToJs(to, result); });
}

}  // namespace ballast
