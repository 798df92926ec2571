#pragma once

#include <napi.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "util/rounds.h"

namespace ballast {

// Something to be done on the JavaScript thread.
class Delivery {
 public:
  Delivery() = default;
  Delivery(const Delivery&) = delete;
  Delivery& operator=(const Delivery&) = delete;
  Delivery(Delivery&&) = delete;
  Delivery& operator=(Delivery&&) = delete;
  virtual ~Delivery() = default;
  virtual void Deliver(Napi::Env env) = 0;
};

// The one way from other threads to the JavaScript thread of an environment. It holds no bound of
// its own: results are bounded by the calls that the pool admits, events by the queue of their
// subscription, of which at most one delivery is posted at a time.
//
// It keeps the process alive only while somebody waits for something (Hold, Unhold).
class Mailbox {
 public:
  explicit Mailbox(Napi::Env env);

  // From any thread. After Close the delivery is dropped where it is.
  void Post(std::unique_ptr<Delivery> delivery);

  // On the JavaScript thread.
  void Hold();
  void Unhold();
  void Close();

 private:
  static void OnWake(Napi::Env env, Napi::Function, Mailbox* mailbox, void*);
  using Wake = Napi::TypedThreadSafeFunction<Mailbox, void, &Mailbox::OnWake>;

  // Once in a round of the event loop: what was posted meanwhile is for the next. Delivered at
  // once, a stream of results that JavaScript answers with calls would keep timers and sockets
  // waiting.
  void DeliverInTurn(Napi::Env env);
  void DeliverAll(Napi::Env env);
  void WakeUp();

  Napi::Env env_;
  std::size_t holds_ = 0;
  Rounds rounds_;
  std::optional<std::uint64_t> delivered_in_;

  // What is posted.
  std::mutex mutex_;
  bool closed_ = false;
  bool woken_ = false;
  std::vector<std::unique_ptr<Delivery>> posted_;

  // Waking, which may not be done once it was aborted. The JavaScript thread takes it to close
  // alone, so that one that was woken does not wait for the end of the call that woke it.
  std::mutex wake_mutex_;
  bool aborted_ = false;
  Wake wake_;
};

}  // namespace ballast
