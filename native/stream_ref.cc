#include "stream_ref.h"

#include "stream.h"
#include "util/call_name.h"

namespace ballast {

namespace {

using BellHolder = std::shared_ptr<StreamBell>;

void FreeBell(void* opaque) { delete static_cast<BellHolder*>(opaque); }

class StreamReady final : public Delivery {
 public:
  StreamReady(BellHolder bell, int events) : bell_(std::move(bell)), events_(events) {}
  void Deliver(Napi::Env env) override { bell_->DeliverTo(env, events_); }

 private:
  BellHolder bell_;
  int events_;
};

}  // namespace

void StreamBell::Ring(int events) {
  mailbox_->Post(std::make_unique<StreamReady>(shared_from_this(), events));
}

void StreamBell::DeliverTo(Napi::Env env, int events) {
  if (stream_ != nullptr) stream_->Emit(env, events);
}

std::shared_ptr<StreamRef> StreamRef::Open(std::shared_ptr<ConnectionRef> connection,
                                           std::shared_ptr<StreamBell> bell) {
  const Mailbox* owner = connection->owner();
  virStreamPtr raw = Checked<virStreamNew>(connection->get(), VIR_STREAM_NONBLOCK);
  return {new StreamRef(raw, std::move(connection), std::move(bell)),
          PoolDeleter<StreamRef>{owner}};
}

void StreamRef::OnReady(virStreamPtr stream, int events, void* opaque) {
  // Level-triggered: without this it would be called until somebody has read.
  virStreamEventUpdateCallback(stream, 0);
  (*static_cast<BellHolder*>(opaque))->Ring(events);
}

void StreamRef::Arm(int events) {
  if (armed_) {
    Checked<virStreamEventUpdateCallback>(raw_, events);
    return;
  }
  auto holder = std::make_unique<BellHolder>(bell_);
  Checked<virStreamEventAddCallback>(raw_, events, OnReady, holder.get(), FreeBell);
  // libvirt frees it with the callback.
  static_cast<void>(holder.release());
  armed_ = true;
}

void StreamRef::Disarm() {
  if (armed_) virStreamEventRemoveCallback(raw_);
  armed_ = false;
}

void StreamRef::Finish() {
  if (ended_) return;
  Disarm();
  ended_ = true;
  Checked<virStreamFinish>(raw_);
}

void StreamRef::Abort() {
  if (ended_) return;
  Disarm();
  ended_ = true;
  Checked<virStreamAbort>(raw_);
}

StreamRef::~StreamRef() {
  Disarm();
  if (!ended_) virStreamAbort(raw_);
  virStreamFree(raw_);
}

}  // namespace ballast
