#include "subscription.h"

#include <utility>

#include "connection.h"
#include "util/args.h"
#include "util/call_pool.h"
#include "util/construct.h"
#include "util/env_state.h"

namespace ballast {

namespace {

class EventsReady final : public Delivery {
 public:
  explicit EventsReady(std::shared_ptr<EventSink> sink) : sink_(std::move(sink)) {}
  void Deliver(Napi::Env env) override { sink_->DeliverTo(env); }

 private:
  std::shared_ptr<EventSink> sink_;
};

// A subscription that closes lives until it is released, which comes after this.
class NoMoreEvents final : public Delivery {
 public:
  explicit NoMoreEvents(Subscription& subscription) : subscription_(subscription) {}
  void Deliver(Napi::Env env) override { subscription_.EmitEnd(env); }

 private:
  Subscription& subscription_;
};

}  // namespace

void EventSink::Push(Record event) {
  {
    const std::lock_guard lock(mutex_);
    if (queue_.size() >= limit_) {
      ++dropped_;
      return;
    }
    queue_.push_back(std::move(event));
    if (std::exchange(posted_, true)) return;
  }
  mailbox_->Post(std::make_unique<EventsReady>(shared_from_this()));
}

bool EventSink::Pop(Record& event) {
  const std::lock_guard lock(mutex_);
  if (queue_.empty()) return false;
  event = std::move(queue_.front());
  queue_.pop_front();
  return true;
}

void EventSink::Attach(Subscription* subscriber) { subscriber_ = subscriber; }

void EventSink::DeliverTo(Napi::Env env) {
  {
    const std::lock_guard lock(mutex_);
    posted_ = false;
  }
  // A listener may close its subscription, so it is looked up for each event.
  Record event;
  while (subscriber_ != nullptr && Pop(event)) {
    const Napi::HandleScope scope(env);
    subscriber_->Emit(env, event);
  }
}

std::uint64_t EventSink::dropped() {
  const std::lock_guard lock(mutex_);
  return dropped_;
}

std::shared_ptr<EventRegistration> EventRegistration::Start(
    std::shared_ptr<ConnectionRef> connection, std::shared_ptr<EventHub> hub,
    const DomainRef* domain, const EventKind& kind, std::shared_ptr<EventSink> sink) {
  auto key = hub->Join(connection->get(), domain, kind, sink);
  const Mailbox* owner = connection->owner();
  return {
      new EventRegistration(std::move(connection), std::move(hub), std::move(key), std::move(sink)),
      PoolDeleter<EventRegistration>{owner}};
}

EventRegistration::~EventRegistration() { hub_->Leave(connection_->get(), key_, sink_.get()); }

Napi::Function Subscription::Define(Napi::Env env) {
  return DefineClass(env, "Subscription",
                     {
                         InstanceMethod<&Subscription::Listen>("listen"),
                         InstanceAccessor<&Subscription::Dropped>("dropped"),
                         InstanceMethod<&Subscription::Close>("close"),
                     });
}

Napi::Object Subscription::Wrap(Napi::Env env, Init init, Connection& parent) {
  const Napi::Object object = Construct(env, EnvState::Of(env).subscription_class, init);
  Subscription* subscription = Unwrap(object);
  subscription->AttachTo(parent, parent.Value());
  subscription->Pin();
  return object;
}

Subscription::Subscription(const Napi::CallbackInfo& info)
    : HandleWrap(info, "subscription"), sink_(nullptr) {
  auto init = TakeInit<Init>(info);
  registration_ = std::move(init.registration);
  sink_ = std::move(init.sink);
}

Subscription::~Subscription() {
  if (sink_ != nullptr) sink_->Attach(nullptr);
}

Napi::Value Subscription::Listen(const Napi::CallbackInfo& info) {
  Args args(info);
  listener_ = Napi::Persistent(args.Function("listener"));
  if (!IsOpen()) return info.Env().Undefined();
  sink_->Attach(this);
  sink_->DeliverTo(info.Env());
  return info.Env().Undefined();
}

void Subscription::Emit(Napi::Env env, const Record& event) { CallListener(env, ToJs(env, event)); }

void Subscription::EmitEnd(Napi::Env env) {
  if (!listener_.IsEmpty()) CallListener(env, env.Null());
  // It may refer to this subscription's object, and would keep it from being collected.
  listener_.Reset();
}

void Subscription::CallListener(Napi::Env env, napi_value argument) {
  try {
    listener_.Call({argument});
  } catch (const Napi::Error& error) {
    // The program's uncaught exception, and no reason to lose the events behind it.
    napi_fatal_exception(env, error.Value());
  }
}

Napi::Value Subscription::Dropped(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), static_cast<double>(sink_->dropped()));
}

Napi::Value Subscription::Close(const Napi::CallbackInfo& info) { return CloseSoon(info.Env()); }

void Subscription::Release() {
  sink_->Attach(nullptr);
  // Not here: whoever closes is in the middle of its handles, and a listener may close others.
  mailbox()->Post(std::make_unique<NoMoreEvents>(*this));
  Unpin();
  const Mailbox* owner = mailbox().get();
  auto finish = [this, registration = std::move(registration_), mailbox = mailbox()]() mutable {
    registration.reset();
    mailbox->Post(std::make_unique<Settled>(*this));
  };
  CallPool::Instance().Reap(owner, std::move(finish));
}

}  // namespace ballast
