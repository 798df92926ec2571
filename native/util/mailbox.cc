#include "util/mailbox.h"

#include <utility>

namespace ballast {

Mailbox::Mailbox(Napi::Env env)
    : env_(env), rounds_(env, [this] {
        rounds_.Stop();
        WakeUp();
      }) {
  wake_ = Wake::New(env, "ballast.libvirt", 0, 1, this);
  wake_.Unref(env);
}

void Mailbox::Post(std::unique_ptr<Delivery> delivery) {
  {
    const std::lock_guard lock(mutex_);
    if (closed_) return;
    posted_.push_back(std::move(delivery));
    if (std::exchange(woken_, true)) return;
  }
  WakeUp();
}

void Mailbox::WakeUp() {
  const std::lock_guard lock(wake_mutex_);
  if (!aborted_) wake_.NonBlockingCall();
}

void Mailbox::Hold() {
  if (holds_++ == 0) wake_.Ref(env_);
}

void Mailbox::Unhold() {
  if (--holds_ == 0) wake_.Unref(env_);
}

void Mailbox::Close() {
  std::vector<std::unique_ptr<Delivery>> undelivered;
  {
    const std::lock_guard lock(mutex_);
    if (closed_) return;
    closed_ = true;
    undelivered.swap(posted_);
  }
  const std::lock_guard lock(wake_mutex_);
  aborted_ = true;
  wake_.Abort();
}

void Mailbox::OnWake(Napi::Env env, Napi::Function, Mailbox* mailbox, void*) {
  // The environment is null while the function is being torn down.
  if (static_cast<napi_env>(env) != nullptr) mailbox->DeliverInTurn(env);
}

void Mailbox::DeliverInTurn(Napi::Env env) {
  const auto round = rounds_.Current();
  if (round && round == delivered_in_) {
    rounds_.Start();
    return;
  }
  delivered_in_ = round;
  DeliverAll(env);
}

void Mailbox::DeliverAll(Napi::Env env) {
  std::vector<std::unique_ptr<Delivery>> batch;
  {
    const std::lock_guard lock(mutex_);
    batch.swap(posted_);
    woken_ = false;
  }
  for (auto& delivery : batch) {
    const Napi::HandleScope scope(env);
    try {
      delivery->Deliver(env);
    } catch (const Napi::Error& error) {
      // A listener threw. That is the program's uncaught exception, and no reason to lose the rest.
      napi_fatal_exception(env, error.Value());
    }
    delivery.reset();
  }
}

}  // namespace ballast
