#include "runtime_api.h"

#include <boost/asio/ip/address_v4.hpp>
#include <utility>

#include "posix.h"
#include "runtime_session.h"

namespace ballast {
namespace {

using boost::asio::ip::tcp;

// A runtime uses one or two; more are the function's own doing.
constexpr std::size_t kMaxSessions = 32;

}  // namespace

RuntimeApi::RuntimeApi(boost::asio::io_context& context, std::uint16_t port, Events events)
    : acceptor_(context, tcp::endpoint(boost::asio::ip::address_v4::loopback(), port)),
      events_(std::move(events)) {
  Accept();
}

RuntimeApi::~RuntimeApi() { Reset(); }

std::uint16_t RuntimeApi::port() const { return acceptor_.local_endpoint().port(); }

void RuntimeApi::Accept() {
  acceptor_.async_accept([this](boost::system::error_code error, tcp::socket socket) {
    if (error == boost::asio::error::operation_aborted) {
      return;
    }
    if (error) {
      Log("cannot accept a runtime's connection: " + error.message());
    } else if (sessions_.size() < kMaxSessions) {
      const auto session = std::make_shared<RuntimeSession>(std::move(socket), *this);
      sessions_.insert(session);
      session->Run();
    }
    Accept();
  });
}

void RuntimeApi::Reset() {
  const auto sessions = std::exchange(sessions_, {});
  for (const auto& session : sessions) {
    session->Shut();
  }
  waiting_.reset();
  held_.reset();
  answering_ = nullptr;
  offered_.reset();
  request_id_.clear();
  phase_ = Phase::kInit;
}

std::optional<std::string> RuntimeApi::Hold(const std::shared_ptr<RuntimeSession>& session,
                                            RuntimeCall call) {
  if (phase_ != Phase::kInit || answering_ != nullptr || held_) {
    return "InvalidStateTransition";
  }
  held_ = session;
  events_.held(call);
  return std::nullopt;
}

bool RuntimeApi::Resume(const std::string& json) {
  const auto session = std::exchange(held_, nullptr);
  if (!session) {
    return false;
  }
  session->LetGo(json);
  return true;
}

void RuntimeApi::Offer(InvokeRequest invocation) {
  offered_ = std::move(invocation);
  Deliver();
}

void RuntimeApi::Deliver() {
  if (!waiting_ || !offered_) {
    return;
  }
  request_id_ = offered_->request_id;
  phase_ = Phase::kGiven;
  const auto session = std::exchange(waiting_, nullptr);
  session->Give(*std::exchange(offered_, std::nullopt));
}

std::optional<std::string> RuntimeApi::Next(const std::shared_ptr<RuntimeSession>& session) {
  if (phase_ == Phase::kGiven || phase_ == Phase::kAnswering || waiting_) {
    return "InvalidStateTransition";
  }
  phase_ = Phase::kWaiting;
  waiting_ = session;
  if (offered_) {
    Deliver();
  } else {
    events_.idle();
  }
  return std::nullopt;
}

std::optional<std::string> RuntimeApi::BeginPost(const RuntimeSession* session,
                                                 const RuntimeRoute& route) {
  const bool initialising =
      route.call == RuntimeCall::kInitError || route.call == RuntimeCall::kRestoreError;
  if (!initialising && route.request_id != request_id_) {
    return "InvalidRequestID";
  }
  if (answering_ != nullptr || phase_ != (initialising ? Phase::kInit : Phase::kGiven)) {
    return "InvalidStateTransition";
  }
  answering_ = session;
  if (!initialising) {
    phase_ = Phase::kAnswering;
  }
  return std::nullopt;
}

void RuntimeApi::EndPost(Posted posted) {
  answering_ = nullptr;
  if (phase_ == Phase::kAnswering) {
    phase_ = Phase::kAnswered;
  }
  events_.posted(std::move(posted));
}

void RuntimeApi::Close(const RuntimeSession* session) {
  if (waiting_.get() == session) {
    waiting_.reset();
  }
  if (held_.get() == session) {
    held_.reset();
  }
  if (answering_ == session) {
    // The answer broke off: the runtime may try again.
    answering_ = nullptr;
    if (phase_ == Phase::kAnswering) {
      phase_ = Phase::kGiven;
    }
  }
  for (auto found = sessions_.begin(); found != sessions_.end(); ++found) {
    if (found->get() == session) {
      sessions_.erase(found);
      return;
    }
  }
}

void RuntimeApi::GiveBack(InvokeRequest invocation) {
  if (phase_ == Phase::kGiven && invocation.request_id == request_id_) {
    phase_ = Phase::kAnswered;
    offered_ = std::move(invocation);
  }
}

}  // namespace ballast
