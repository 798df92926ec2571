#include "util/call.h"

#include <string>

namespace ballast {

Napi::Function CancelToken::Define(Napi::Env env) {
  return DefineClass(env, "CancelToken", {InstanceMethod<&CancelToken::Cancel>("cancel")});
}

std::shared_ptr<Ticket> CancelToken::Read(Args& args) {
  const Napi::Value value = args.Next();
  if (!value.IsObject()) return nullptr;
  const auto object = value.As<Napi::Object>();
  if (!object.InstanceOf(EnvState::Of(args.Env()).cancel_token_class.Value())) return nullptr;
  return Unwrap(object)->ticket_;
}

Napi::Value CancelToken::Cancel(const Napi::CallbackInfo& info) {
  CallBase* call = ticket_->call;
  if (call == nullptr) return info.Env().Undefined();
  const std::unique_ptr<Job> withdrawn = CallPool::Instance().Withdraw(call);
  if (withdrawn != nullptr) {
    call->Abort(info.Env());
  } else {
    ticket_->abandoned = true;
  }
  return info.Env().Undefined();
}

CallBase::CallBase(Napi::Env env)
    : Job(EnvState::Of(env).mailbox), deferred_(Napi::Promise::Deferred::New(env)) {}

Napi::Value CallBase::Submit(Napi::Env env, std::unique_ptr<CallBase> call, const CallSite& site) {
  const Napi::Promise promise = call->deferred_.Promise();
  CallBase& base = *call;
  try {
    base.Admit(env, site);
  } catch (const Failure& failure) {
    base.deferred_.Reject(failure.ToJs(env).Value());
    return promise;
  }
  base.SetReads(site.reads);
  std::unique_ptr<Job> job = std::move(call);
  if (!CallPool::Instance().Submit(job, site.strand)) {
    base.Fail(
        Failure(Failure::Kind::kBusy,
                std::to_string(CallPool::kMaxQueued) +
                    " libvirt calls are waiting, which is the most; await some of them first"));
    base.Deliver(env);
  }
  return promise;
}

void CallBase::Admit(Napi::Env env, const CallSite& site) {
  Patience::Clock::duration busy_poll{};
  if (site.handle != nullptr) {
    site.handle->Enter();
    handle_ = site.handle;
    busy_poll = handle_->busy_poll();
  } else {
    mailbox()->Hold();
  }
  EnvState::Of(env).poller.Began(busy_poll);
  ticket_ = site.ticket;
  if (ticket_ != nullptr) ticket_->call = this;
}

void CallBase::Deliver(Napi::Env env) {
  Conclude(env, *this);
  for (const auto& sharer : sharers()) static_cast<CallBase&>(*sharer).Conclude(env, *this);
}

void CallBase::Conclude(Napi::Env env, CallBase& answered) {
  EnvState::Of(env).poller.Ended();
  const bool abandoned = ticket_ != nullptr && ticket_->abandoned;
  if (ticket_ != nullptr) ticket_->call = nullptr;
  if (abandoned) {
    deferred_.Reject(Failure(Failure::Kind::kAborted, "the call was aborted").ToJs(env).Value());
  } else {
    Settle(env, answered);
  }
  if (handle_ != nullptr) {
    handle_->Leave();
  } else {
    mailbox()->Unhold();
  }
}

void CallBase::Abort(Napi::Env env) {
  Fail(Failure(Failure::Kind::kAborted, "the call was aborted before it began"));
  Deliver(env);
}

void CallBase::Settle(Napi::Env env, CallBase& answered) {
  if (answered.failure_) {
    deferred_.Reject(answered.failure_->ToJs(env).Value());
    return;
  }
  try {
    deferred_.Resolve(answered.Convert(env));
  } catch (const Napi::Error& error) {
    deferred_.Reject(error.Value());
  }
}

}  // namespace ballast
