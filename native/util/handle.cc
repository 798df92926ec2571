#include "util/handle.h"

#include <string>
#include <utility>

#include "util/env_state.h"
#include "util/failure.h"

namespace ballast {

Handle::Handle(Napi::Env env, const char* noun)
    : noun_(noun), mailbox_(EnvState::Of(env).mailbox) {}

Handle::~Handle() {
  // The order in which an ending environment finalizes its objects is not ours to choose.
  for (Handle* child : children_) child->parent_ = nullptr;
  Detach();
}

void Handle::AttachTo(Handle& parent, const Napi::Object& parent_object) {
  parent_ = &parent;
  parent_object_ = Napi::Persistent(parent_object);
  busy_poll_ = parent.busy_poll_;
  parent.children_.insert(this);
}

Handle* Handle::Detach() {
  Handle* parent = std::exchange(parent_, nullptr);
  if (parent != nullptr) parent->children_.erase(this);
  return parent;
}

void Handle::Enter() {
  if (state_ != State::kOpen) {
    throw Failure(Failure::Kind::kClosed, std::string("the ") + noun_ + " is closed");
  }
  ++running_;
  Pin();
  mailbox_->Hold();
}

void Handle::Leave() {
  --running_;
  mailbox_->Unhold();
  Progress();
  Unpin();
}

void Handle::BeginClose() {
  if (state_ != State::kOpen) return;
  if (!Pin()) {
    // Collected, and about to be finalized, which frees what it holds: it must not be waited for,
    // nor be the target of a delivery.
    Detach();
    return;
  }
  state_ = State::kClosing;
  mailbox_->Hold();
  Progress();
}

void Handle::Progress() {
  if (state_ != State::kClosing || releasing_) return;
  // Those born while this one was closing included.
  const std::vector<Handle*> children(children_.begin(), children_.end());
  for (Handle* child : children) child->BeginClose();
  if (running_ > 0 || !children_.empty()) return;
  releasing_ = true;
  Release();
}

void Handle::Released(Napi::Env env) {
  state_ = State::kClosed;
  Handle* parent = Detach();
  for (const auto& closer : closers_) closer.Resolve(env.Undefined());
  closers_.clear();
  if (parent != nullptr) parent->Progress();
  parent_object_.Reset();
  mailbox_->Unhold();
  Unpin();
}

Napi::Value Handle::CloseSoon(Napi::Env env) {
  const auto deferred = Napi::Promise::Deferred::New(env);
  if (state_ == State::kClosed) {
    deferred.Resolve(env.Undefined());
  } else {
    closers_.push_back(deferred);
    BeginClose();
  }
  return deferred.Promise();
}

}  // namespace ballast
