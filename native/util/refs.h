#pragma once

#include <libvirt/libvirt.h>

#include <cstdlib>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <utility>

#include "util/call_pool.h"

namespace ballast {

struct FreeDeleter {
  void operator()(void* memory) const { std::free(memory); }
};
// A string that libvirt allocated for its caller.
using CString = std::unique_ptr<char, FreeDeleter>;

struct DomainFree {
  void operator()(virDomainPtr domain) const { virDomainFree(domain); }
};
using OwnedDomain = std::unique_ptr<virDomain, DomainFree>;

// Takes the string over, or throws the error of the call.
std::string TakeString(const char* call, char* text);

// Deletes on a pool thread: dropping the last reference of something of libvirt's is a libvirt call
// and may block, while the last owner may well be a finalizer on the JavaScript thread.
template <class T>
struct PoolDeleter {
  const Mailbox* owner;
  void operator()(T* object) const {
    if (CallPool::OnPoolThread()) {
      delete object;
    } else {
      CallPool::Instance().Reap(owner, [object] { delete object; });
    }
  }
};

// An open libvirt connection. Domains and event registrations share it, and the last one closes it.
class ConnectionRef {
 public:
  static std::shared_ptr<ConnectionRef> Adopt(virConnectPtr raw, const Mailbox* owner);

  ConnectionRef(const ConnectionRef&) = delete;
  ConnectionRef& operator=(const ConnectionRef&) = delete;
  ConnectionRef(ConnectionRef&&) = delete;
  ConnectionRef& operator=(ConnectionRef&&) = delete;

  [[nodiscard]] virConnectPtr get() const { return raw_; }
  [[nodiscard]] const Mailbox* owner() const { return owner_; }

  // The strand of a domain, the same for every handle on that domain.
  std::shared_ptr<Strand> StrandOf(const std::string& uuid);

  // Called on a pool thread when the connection has been closed. To be set by its last user.
  void OnClosed(std::function<void()> on_closed) { on_closed_ = std::move(on_closed); }

 private:
  friend struct PoolDeleter<ConnectionRef>;
  ConnectionRef(virConnectPtr raw, const Mailbox* owner) : raw_(raw), owner_(owner) {}
  ~ConnectionRef();

  virConnectPtr raw_;
  const Mailbox* owner_;
  std::function<void()> on_closed_;
  std::mutex mutex_;
  std::unordered_map<std::string, std::weak_ptr<Strand>> strands_;
};

// A reference on a libvirt domain.
class DomainRef {
 public:
  // On a pool thread.
  static std::shared_ptr<DomainRef> Adopt(OwnedDomain raw,
                                          std::shared_ptr<ConnectionRef> connection);

  DomainRef(const DomainRef&) = delete;
  DomainRef& operator=(const DomainRef&) = delete;
  DomainRef(DomainRef&&) = delete;
  DomainRef& operator=(DomainRef&&) = delete;

  [[nodiscard]] virDomainPtr get() const { return raw_.get(); }
  [[nodiscard]] const std::shared_ptr<ConnectionRef>& connection() const { return connection_; }
  [[nodiscard]] const std::shared_ptr<Strand>& strand() const { return strand_; }
  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] const std::string& uuid() const { return uuid_; }

 private:
  friend struct PoolDeleter<DomainRef>;
  DomainRef(OwnedDomain raw, std::shared_ptr<ConnectionRef> connection)
      : connection_(std::move(connection)), raw_(std::move(raw)) {}
  ~DomainRef() = default;

  // Outlives the domain, which is declared after it.
  std::shared_ptr<ConnectionRef> connection_;
  OwnedDomain raw_;
  std::shared_ptr<Strand> strand_;
  std::string name_;
  std::string uuid_;
};

}  // namespace ballast
