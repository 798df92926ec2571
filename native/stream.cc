#include "stream.h"

#include <optional>
#include <utility>

#include "util/call_name.h"
#include "util/construct.h"

namespace ballast {

namespace {

// What the functions of a stream in non-blocking mode give when they would block.
constexpr int kWouldBlock = -2;

}  // namespace

Napi::Function Stream::Define(Napi::Env env) {
  return DefineClass(env, "Stream",
                     {
                         InstanceMethod<&Stream::Receive>("receive"),
                         InstanceMethod<&Stream::Send>("send"),
                         InstanceMethod<&Stream::Arm>("arm"),
                         InstanceMethod<&Stream::Listen>("listen"),
                         InstanceMethod<&Stream::Finish>("finish"),
                         InstanceMethod<&Stream::Abort>("abort"),
                         InstanceMethod<&Stream::Close>("close"),
                     });
}

Napi::Object Stream::Wrap(Napi::Env env, std::shared_ptr<StreamRef> ref, Handle& parent,
                          const Napi::Object& parent_object) {
  const Napi::Object object = Construct(env, EnvState::Of(env).stream_class, ref);
  Unwrap(object)->AttachTo(parent, parent_object);
  return object;
}

Stream::Stream(const Napi::CallbackInfo& info)
    : HandleWrap(info, "stream"), ref_(TakeInit<std::shared_ptr<StreamRef>>(info)) {
  bell_ = ref_->bell();
  bell_->Attach(this);
}

Stream::~Stream() {
  if (bell_ != nullptr) bell_->Attach(nullptr);
}

void Stream::Emit(Napi::Env env, int events) {
  if (listener_.IsEmpty()) return;
  listener_.Call({Napi::Number::New(env, events)});
}

Napi::Value Stream::Listen(const Napi::CallbackInfo& info) {
  Args args(info);
  listener_ = Napi::Persistent(args.Function("listener"));
  return info.Env().Undefined();
}

Napi::Value Stream::Receive(const Napi::CallbackInfo& info) {
  Args args(info);
  const std::size_t size = args.Size("sizeBytes");
  return Call(args, [size](StreamRef& stream) {
    Bytes bytes{std::vector<char>(size)};
    const int count = virStreamRecv(stream.get(), bytes.data.data(), size);
    if (count == kWouldBlock) return std::optional<Bytes>();
    bytes.data.resize(static_cast<std::size_t>(Check("virStreamRecv", count)));
    return std::optional(std::move(bytes));
  });
}

Napi::Value Stream::Send(const Napi::CallbackInfo& info) {
  Args args(info);
  auto data = args.Bytes("data");
  return Call(args, [data = std::move(data)](StreamRef& stream) {
    const int count = virStreamSend(stream.get(), data.data(), data.size());
    if (count == kWouldBlock) return std::optional<double>();
    return std::optional(Number(Check("virStreamSend", count)));
  });
}

Napi::Value Stream::Arm(const Napi::CallbackInfo& info) {
  Args args(info);
  const int events = args.Int("events");
  return Call(args, [events](StreamRef& stream) {
    stream.Arm(events);
    return Nothing{};
  });
}

Napi::Value Stream::Finish(const Napi::CallbackInfo& info) {
  Args args(info);
  return Call(args, [](StreamRef& stream) {
    stream.Finish();
    return Nothing{};
  });
}

Napi::Value Stream::Abort(const Napi::CallbackInfo& info) {
  Args args(info);
  return Call(args, [](StreamRef& stream) {
    stream.Abort();
    return Nothing{};
  });
}

Napi::Value Stream::Close(const Napi::CallbackInfo& info) { return CloseSoon(info.Env()); }

void Stream::Release() {
  bell_->Attach(nullptr);
  // Whoever waits tries again, and finds the stream closed.
  Emit(Env(), VIR_STREAM_EVENT_HANGUP);
  // It refers to this stream's object, and would keep it from being collected.
  listener_.Reset();
  const Mailbox* owner = mailbox().get();
  CallPool::Instance().Reap(owner, [this, ref = std::move(ref_), mailbox = mailbox()]() mutable {
    ref.reset();
    mailbox->Post(std::make_unique<Settled>(*this));
  });
}

}  // namespace ballast
