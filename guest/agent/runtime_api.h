#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "bytes.h"
#include "request.h"
#include "runtime_route.h"

namespace ballast {

constexpr std::uint16_t kRuntimeApiPort = 9001;
constexpr std::uint64_t kMaxResponseBytes = 6ULL << 20U;

// What a runtime posted.
struct Posted {
  RuntimeCall call = RuntimeCall::kUnknown;
  std::string error_type;
  // Empty when there were more than kMaxResponseBytes.
  Bytes body;
  std::uint64_t body_bytes = 0;

  [[nodiscard]] bool TooLarge() const { return body_bytes > kMaxResponseBytes; }
};

class RuntimeSession;

// The Lambda Runtime API on the guest's loopback. Every request on it comes from code that nobody
// trusts: connections, headers and bodies are bounded, and of all bodies only one is ever held.
class RuntimeApi {
 public:
  struct Events {
    // The runtime waits for an invocation, and there is none.
    std::function<void()> idle;
    // The answer to the invocation, or the error that ended the initialisation.
    std::function<void(Posted)> posted;
    // The runtime waits for its function (kStart), or until its machine is restored (kRestore).
    std::function<void(RuntimeCall)> held;
  };

  RuntimeApi(boost::asio::io_context& context, std::uint16_t port, Events events);
  ~RuntimeApi();
  RuntimeApi(const RuntimeApi&) = delete;
  RuntimeApi& operator=(const RuntimeApi&) = delete;
  RuntimeApi(RuntimeApi&&) = delete;
  RuntimeApi& operator=(RuntimeApi&&) = delete;

  [[nodiscard]] std::uint16_t port() const;

  // A new runtime is about to start: forgets the one before, its connections too.
  void Reset();

  // Lets a runtime that is held go on, with a JSON object. False where none is held.
  [[nodiscard]] bool Resume(const std::string& json);

  // Hands the runtime its next invocation, as soon as it asks.
  void Offer(InvokeRequest invocation);

  // An invocation waits for the runtime to ask for it.
  [[nodiscard]] bool HasOffer() const { return offered_.has_value(); }

 private:
  friend class RuntimeSession;

  // Of the runtime: it initialises, waits, has been given an invocation, sends the answer, or has
  // answered and may do what it likes until it asks for the next.
  enum class Phase : std::uint8_t { kInit, kWaiting, kGiven, kAnswering, kAnswered };

  void Accept();

  // The sessions ask these. A refusal is the error type of the Runtime API.
  std::optional<std::string> Next(const std::shared_ptr<RuntimeSession>& session);
  std::optional<std::string> Hold(const std::shared_ptr<RuntimeSession>& session, RuntimeCall call);
  std::optional<std::string> BeginPost(const RuntimeSession* session, const RuntimeRoute& route);
  void EndPost(Posted posted);
  void Close(const RuntimeSession* session);
  void GiveBack(InvokeRequest invocation);
  void Deliver();

  boost::asio::ip::tcp::acceptor acceptor_;
  Events events_;
  std::set<std::shared_ptr<RuntimeSession>> sessions_;
  std::shared_ptr<RuntimeSession> waiting_;
  std::shared_ptr<RuntimeSession> held_;
  const RuntimeSession* answering_ = nullptr;
  std::optional<InvokeRequest> offered_;
  std::string request_id_;
  Phase phase_ = Phase::kInit;
};

}  // namespace ballast
