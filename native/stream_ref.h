#pragma once

#include <libvirt/libvirt.h>
#include <napi.h>

#include <memory>
#include <utility>

#include "util/call_pool.h"
#include "util/mailbox.h"
#include "util/refs.h"

namespace ballast {

class Stream;

// Rings on the JavaScript thread when libvirt says that a stream is ready.
class StreamBell : public std::enable_shared_from_this<StreamBell> {
 public:
  explicit StreamBell(std::shared_ptr<Mailbox> mailbox) : mailbox_(std::move(mailbox)) {}

  // On the event thread.
  void Ring(int events);

  // On the JavaScript thread.
  void Attach(Stream* stream) { stream_ = stream; }
  void DeliverTo(Napi::Env env, int events);

 private:
  const std::shared_ptr<Mailbox> mailbox_;
  Stream* stream_ = nullptr;
};

// A libvirt stream in non-blocking mode. All of its functions run on pool threads, one at a time.
class StreamRef {
 public:
  static std::shared_ptr<StreamRef> Open(std::shared_ptr<ConnectionRef> connection,
                                         std::shared_ptr<StreamBell> bell);

  StreamRef(const StreamRef&) = delete;
  StreamRef& operator=(const StreamRef&) = delete;
  StreamRef(StreamRef&&) = delete;
  StreamRef& operator=(StreamRef&&) = delete;

  [[nodiscard]] virStreamPtr get() const { return raw_; }
  [[nodiscard]] const std::shared_ptr<Strand>& strand() const { return strand_; }
  [[nodiscard]] const std::shared_ptr<StreamBell>& bell() const { return bell_; }

  // Has the bell rung once for these events, and for those armed before that have not come.
  void Arm(int events);
  // Both end the stream; `Finish` fails with what went wrong at the other end.
  void Finish();
  void Abort();

 private:
  friend struct PoolDeleter<StreamRef>;
  StreamRef(virStreamPtr raw, std::shared_ptr<ConnectionRef> connection,
            std::shared_ptr<StreamBell> bell)
      : connection_(std::move(connection)), bell_(std::move(bell)), raw_(raw) {}
  ~StreamRef();

  static void OnReady(virStreamPtr stream, int events, void* opaque);
  void Disarm();

  std::shared_ptr<ConnectionRef> connection_;
  std::shared_ptr<StreamBell> bell_;
  std::shared_ptr<Strand> strand_ = std::make_shared<Strand>();
  virStreamPtr raw_;
  bool armed_ = false;
  bool ended_ = false;
};

}  // namespace ballast
