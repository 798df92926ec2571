#pragma once

#include <libvirt/libvirt.h>
#include <napi.h>

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "util/args.h"
#include "util/mailbox.h"
#include "util/record.h"

namespace ballast {

// Opens connections, and asks JavaScript for the credentials that libvirt wants meanwhile. libvirt
// asks on the pool thread that opens the connection, which waits for the answer.
class Authenticator : public std::enable_shared_from_this<Authenticator> {
 public:
  // authenticate(requests, answer: (answers: string[] | null) => void): void, or null.
  static std::shared_ptr<Authenticator> Read(Args& args, const char* name);

  explicit Authenticator(std::shared_ptr<Mailbox> mailbox) : mailbox_(std::move(mailbox)) {}
  Authenticator(const Authenticator&) = delete;
  Authenticator& operator=(const Authenticator&) = delete;
  Authenticator(Authenticator&&) = delete;
  Authenticator& operator=(Authenticator&&) = delete;
  ~Authenticator();

  // On a pool thread. Throws a Failure.
  virConnectPtr Open(const char* uri, unsigned flags);

 private:
  class Question;
  class Forget;

  static int OnRequest(virConnectCredentialPtr credentials, unsigned count, void* opaque);
  bool Ask(virConnectCredentialPtr credentials, unsigned count);
  void Answer(std::optional<Strings> answers);

  const std::shared_ptr<Mailbox> mailbox_;
  // JavaScript thread only.
  Napi::FunctionReference authenticate_;
  bool asks_ = false;

  std::mutex mutex_;
  std::condition_variable answered_;
  bool waiting_ = false;
  std::optional<Strings> answers_;
};

}  // namespace ballast
