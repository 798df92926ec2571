#pragma once

#include <napi.h>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>

#include "event_hub.h"
#include "util/handle.h"
#include "util/mailbox.h"
#include "util/record.h"
#include "util/refs.h"

namespace ballast {

class Connection;
class Subscription;

// The bounded queue between libvirt's event thread and a listener. When it is full the newest event
// is dropped and counted.
class EventSink : public std::enable_shared_from_this<EventSink> {
 public:
  EventSink(std::shared_ptr<Mailbox> mailbox, std::size_t limit)
      : mailbox_(std::move(mailbox)), limit_(limit) {}

  // On the event thread.
  void Push(Record event);

  // On the JavaScript thread. Events wait in the queue until there is a subscriber.
  void Attach(Subscription* subscriber);
  void DeliverTo(Napi::Env env);

  std::uint64_t dropped();

 private:
  bool Pop(Record& event);

  const std::shared_ptr<Mailbox> mailbox_;
  const std::size_t limit_;
  // JavaScript thread only.
  Subscription* subscriber_ = nullptr;

  std::mutex mutex_;
  std::deque<Record> queue_;
  bool posted_ = false;
  std::uint64_t dropped_ = 0;
};

// A sink's place at the hub of its connection.
class EventRegistration {
 public:
  // On a pool thread. A null domain watches all of them.
  static std::shared_ptr<EventRegistration> Start(std::shared_ptr<ConnectionRef> connection,
                                                  std::shared_ptr<EventHub> hub,
                                                  const DomainRef* domain, const EventKind& kind,
                                                  std::shared_ptr<EventSink> sink);

  EventRegistration(const EventRegistration&) = delete;
  EventRegistration& operator=(const EventRegistration&) = delete;
  EventRegistration(EventRegistration&&) = delete;
  EventRegistration& operator=(EventRegistration&&) = delete;

 private:
  friend struct PoolDeleter<EventRegistration>;
  EventRegistration(std::shared_ptr<ConnectionRef> connection, std::shared_ptr<EventHub> hub,
                    EventHub::Key key, std::shared_ptr<EventSink> sink)
      : connection_(std::move(connection)),
        hub_(std::move(hub)),
        key_(std::move(key)),
        sink_(std::move(sink)) {}
  ~EventRegistration();

  std::shared_ptr<ConnectionRef> connection_;
  std::shared_ptr<EventHub> hub_;
  EventHub::Key key_;
  std::shared_ptr<EventSink> sink_;
};

// A listener for one event. While it is open it stays alive, and with it the connection.
class Subscription final : public HandleWrap<Subscription> {
 public:
  struct Init {
    std::shared_ptr<EventRegistration> registration;
    std::shared_ptr<EventSink> sink;
  };

  static Napi::Function Define(Napi::Env env);
  static Napi::Object Wrap(Napi::Env env, Init init, Connection& parent);

  explicit Subscription(const Napi::CallbackInfo& info);
  Subscription(const Subscription&) = delete;
  Subscription& operator=(const Subscription&) = delete;
  Subscription(Subscription&&) = delete;
  Subscription& operator=(Subscription&&) = delete;
  ~Subscription() override;

  void Emit(Napi::Env env, const Record& event);
  // Tells the listener, by null, that nothing more will come.
  void EmitEnd(Napi::Env env);

 private:
  // listen(listener): from now on events are delivered.
  Napi::Value Listen(const Napi::CallbackInfo& info);
  Napi::Value Dropped(const Napi::CallbackInfo& info);
  Napi::Value Close(const Napi::CallbackInfo& info);

  void CallListener(Napi::Env env, napi_value argument);
  void Release() override;

  std::shared_ptr<EventRegistration> registration_;
  std::shared_ptr<EventSink> sink_;
  Napi::FunctionReference listener_;
};

}  // namespace ballast
