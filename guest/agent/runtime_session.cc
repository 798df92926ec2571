#include "runtime_session.h"

#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>
#include <limits>
#include <string_view>
#include <utility>

namespace ballast {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using boost::system::error_code;

constexpr const char* kErrorTypeHeader = "Lambda-Runtime-Function-Error-Type";
constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
// A body that nobody will keep is still read up to here, so that the runtime can read the refusal.
constexpr std::uint64_t kMaxDrainBytes = 64ULL << 20U;

http::status StatusOf(const std::string& type) {
  if (type == "InvalidRequestID") {
    return http::status::bad_request;
  }
  if (type == "RequestEntityTooLarge") {
    return http::status::payload_too_large;
  }
  return type == "NotFound" ? http::status::not_found : http::status::forbidden;
}

std::string MessageOf(const std::string& type) {
  if (type == "InvalidRequestID") {
    return "this is not the request id of the invocation under way";
  }
  if (type == "RequestEntityTooLarge") {
    return "a response may have " + std::to_string(kMaxResponseBytes) + " bytes";
  }
  return type == "NotFound" ? "the Runtime API has no such path"
                            : "the runtime is not in a state in which it may ask this";
}

}  // namespace

RuntimeSession::RuntimeSession(asio::ip::tcp::socket socket, RuntimeApi& api)
    : socket_(std::move(socket)), api_(&api) {
  error_code ignored;
  static_cast<void>(socket_.set_option(asio::ip::tcp::no_delay(true), ignored));
}

void RuntimeSession::Shut() {
  parked_ = false;
  error_code ignored;
  static_cast<void>(socket_.close(ignored));
}

void RuntimeSession::End() {
  Shut();
  api_->Close(this);
}

void RuntimeSession::ReadHeader() {
  parser_.emplace();
  parser_->body_limit((std::numeric_limits<std::uint64_t>::max)());
  http::async_read_header(socket_, buffer_, *parser_,
                          [self = shared_from_this()](error_code error, std::size_t /*bytes*/) {
                            if (error) {
                              self->End();
                            } else {
                              self->Route();
                            }
                          });
}

void RuntimeSession::Route() {
  const auto& request = parser_->get();
  const RuntimeRoute route =
      ParseRuntimeRoute({request.method_string().data(), request.method_string().size()},
                        {request.target().data(), request.target().size()});
  switch (route.call) {
    case RuntimeCall::kNext:
    case RuntimeCall::kStart:
    case RuntimeCall::kRestore:
      Park(route.call);
      break;
    case RuntimeCall::kUnknown:
      Refuse("NotFound", false);
      break;
    default:
      BeginPost(route);
  }
}

void RuntimeSession::Park(RuntimeCall call) {
  parked_ = true;
  const auto self = shared_from_this();
  const auto refusal = call == RuntimeCall::kNext ? api_->Next(self) : api_->Hold(self, call);
  if (refusal) {
    parked_ = false;
    Refuse(*refusal, true);
  } else if (parked_) {
    WatchPeer();
  }
}

// A runtime that goes away while it waits must not be given an invocation.
void RuntimeSession::WatchPeer() {
  socket_.async_wait(asio::ip::tcp::socket::wait_read,
                     [self = shared_from_this()](error_code /*error*/) {
                       if (self->parked_) {
                         self->End();
                       }
                     });
}

void RuntimeSession::Unpark() {
  parked_ = false;
  error_code ignored;
  static_cast<void>(socket_.cancel(ignored));
}

void RuntimeSession::LetGo(const std::string& json) {
  Unpark();
  Answer(http::status::ok, json, true);
}

void RuntimeSession::Give(InvokeRequest invocation) {
  Unpark();
  response_.emplace(http::status::ok, 11);
  response_->set(http::field::content_type, "application/json");
  response_->set("Lambda-Runtime-Aws-Request-Id", invocation.request_id);
  response_->set("Lambda-Runtime-Deadline-Ms", std::to_string(invocation.deadline_ms));
  response_->set("Lambda-Runtime-Invoked-Function-Arn", invocation.function_arn);
  // Unlike the environment, this follows each resize.
  response_->set("Ballast-Runtime-Memory-Mib", std::to_string(invocation.memory_bytes >> 20U));
  // Nothing is traced; runtimes that look for the header find one that says so.
  response_->set("Lambda-Runtime-Trace-Id", "Sampled=0");
  if (!invocation.client_context.empty()) {
    response_->set("Lambda-Runtime-Client-Context", invocation.client_context);
  }
  response_->body() = std::move(invocation.payload);
  response_->keep_alive(true);
  giving_ = std::move(invocation);
  Write();
}

void RuntimeSession::BeginPost(const RuntimeRoute& route) {
  posted_ = Posted{};
  posted_.call = route.call;
  refusal_ = api_->BeginPost(this, route);
  if (parser_->get()[http::field::expect].empty()) {
    ReadBody();
  } else {
    Continue();
  }
}

void RuntimeSession::Continue() {
  asio::async_write(socket_, asio::buffer(kContinue.data(), kContinue.size()),
                    [self = shared_from_this()](error_code error, std::size_t /*bytes*/) {
                      if (error) {
                        self->End();
                      } else {
                        self->ReadBody();
                      }
                    });
}

void RuntimeSession::ReadBody() {
  auto& body = parser_->get().body();
  body.data = chunk_.data();
  body.size = chunk_.size();
  http::async_read(socket_, buffer_, *parser_,
                   [self = shared_from_this()](error_code error, std::size_t /*bytes*/) {
                     if (error && error != http::error::need_buffer) {
                       self->End();
                       return;
                     }
                     self->TakeChunk(self->chunk_.size() - self->parser_->get().body().size);
                   });
}

void RuntimeSession::TakeChunk(std::size_t bytes) {
  posted_.body_bytes += bytes;
  if (posted_.TooLarge()) {
    posted_.body = Bytes();
  } else if (!refusal_) {
    posted_.body.insert(posted_.body.end(), chunk_.begin(),
                        chunk_.begin() + static_cast<std::ptrdiff_t>(bytes));
  }
  if (parser_->is_done() || posted_.body_bytes > kMaxDrainBytes) {
    FinishPost(parser_->is_done());
  } else {
    ReadBody();
  }
}

void RuntimeSession::FinishPost(bool whole) {
  if (refusal_) {
    Refuse(*refusal_, whole);
    return;
  }
  // A streamed response that breaks off says so in a trailer of the same name as the header.
  const auto type = parser_->get()[kErrorTypeHeader];
  posted_.error_type = CleanErrorType({type.data(), type.size()});
  const bool too_large = posted_.TooLarge();
  // Answers this runtime last: the event may end it.
  const auto self = shared_from_this();
  api_->EndPost(std::exchange(posted_, Posted{}));
  if (too_large) {
    Refuse("RequestEntityTooLarge", whole);
  } else {
    Answer(http::status::accepted, R"({"status":"OK"})", true);
  }
}

void RuntimeSession::Refuse(const std::string& type, bool keep_alive) {
  Answer(StatusOf(type),
         R"({"errorType":")" + type + R"(","errorMessage":")" + MessageOf(type) + "\"}",
         keep_alive);
}

void RuntimeSession::Answer(http::status status, const std::string& json, bool keep_alive) {
  response_.emplace(status, 11);
  response_->set(http::field::content_type, "application/json");
  response_->body().assign(json.begin(), json.end());
  response_->keep_alive(keep_alive && parser_->keep_alive());
  Write();
}

void RuntimeSession::Write() {
  response_->prepare_payload();
  http::async_write(socket_, *response_,
                    [self = shared_from_this()](error_code error, std::size_t /*bytes*/) {
                      if (error && self->giving_) {
                        self->giving_->payload = std::move(self->response_->body());
                        self->api_->GiveBack(*std::exchange(self->giving_, std::nullopt));
                      }
                      const bool again = !error && self->response_->keep_alive();
                      self->giving_.reset();
                      self->response_.reset();
                      if (again) {
                        self->ReadHeader();
                      } else {
                        self->End();
                      }
                    });
}

}  // namespace ballast
