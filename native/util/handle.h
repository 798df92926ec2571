#pragma once

#include <napi.h>

#include <chrono>
#include <cstddef>
#include <memory>
#include <unordered_set>
#include <vector>

#include "util/mailbox.h"

namespace ballast {

// What JavaScript holds of a libvirt object. All of it happens on the JavaScript thread of one
// environment, so none of it needs a lock:
// - Open: calls are admitted. Closing: they are refused, and the running ones are waited for.
//   Closed: the libvirt reference is gone.
// - A handle with running calls, and one that is closing, cannot be collected.
// - A parent closes after its children; a child keeps its parent from being collected.
class Handle {
 public:
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  Handle(Handle&&) = delete;
  Handle& operator=(Handle&&) = delete;

  // Admits a call, or throws the closed Failure. Every Enter is matched by one Leave.
  void Enter();
  void Leave();
  void BeginClose();
  [[nodiscard]] bool IsOpen() const { return state_ == State::kOpen; }

  // How long JavaScript may look for the result of a call rather than sleep; also that of children
  // that are attached from now on.
  [[nodiscard]] std::chrono::microseconds busy_poll() const { return busy_poll_; }
  void SetBusyPoll(std::chrono::microseconds limit) { busy_poll_ = limit; }

 protected:
  enum class State { kOpen, kClosing, kClosed };

  Handle(Napi::Env env, const char* noun);
  virtual ~Handle();

  void AttachTo(Handle& parent, const Napi::Object& parent_object);
  // Closes; the promise resolves when the handle is closed, also for those who ask again.
  Napi::Value CloseSoon(Napi::Env env);

  // Gives the libvirt reference up, on a pool thread; ends in Released.
  virtual void Release() = 0;
  void Released(Napi::Env env);

  // Keep the JavaScript object from being collected. False when that has happened already: an
  // object dies some time before its finalizer runs, which deletes the handle. Calls, and what else
  // comes from JavaScript, find it alive; only a parent can meet a child that is dead.
  virtual bool Pin() = 0;
  virtual void Unpin() = 0;

  [[nodiscard]] const std::shared_ptr<Mailbox>& mailbox() const { return mailbox_; }

  // Runs `released` on the JavaScript thread, after `release` has run on a pool thread.
  class Settled;

 private:
  void Progress();
  // Leaves the parent, and tells which it was.
  Handle* Detach();

  const char* noun_;
  std::shared_ptr<Mailbox> mailbox_;
  State state_ = State::kOpen;
  bool releasing_ = false;
  std::chrono::microseconds busy_poll_{};
  std::size_t running_ = 0;
  Handle* parent_ = nullptr;
  Napi::ObjectReference parent_object_;
  std::unordered_set<Handle*> children_;
  std::vector<Napi::Promise::Deferred> closers_;
};

// The delivery that ends a close.
class Handle::Settled final : public Delivery {
 public:
  explicit Settled(Handle& handle) : handle_(handle) {}
  void Deliver(Napi::Env env) override { handle_.Released(env); }

 private:
  Handle& handle_;
};

// A handle that JavaScript sees as an object of class T.
template <class T>
class HandleWrap : public Napi::ObjectWrap<T>, public Handle {
 protected:
  bool Pin() final { return this->Ref() > 0; }
  void Unpin() final { this->Unref(); }

 private:
  // For T alone: what is no T would be taken for one.
  friend T;
  HandleWrap(const Napi::CallbackInfo& info, const char* noun)
      : Napi::ObjectWrap<T>(info), Handle(info.Env(), noun) {}
};

}  // namespace ballast
