#pragma once

#include <array>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "runtime_api.h"

namespace ballast {

// One connection of a runtime to the Runtime API.
class RuntimeSession : public std::enable_shared_from_this<RuntimeSession> {
 public:
  RuntimeSession(boost::asio::ip::tcp::socket socket, RuntimeApi& api);

  void Run() { ReadHeader(); }

  // Ends it; what is still under way on it is dropped.
  void Shut();

  // Answers the parked `next` of this session.
  void Give(InvokeRequest invocation);

  // Answers what this session is held at.
  void LetGo(const std::string& json);

 private:
  using Parser = boost::beast::http::request_parser<boost::beast::http::buffer_body>;
  using Response = boost::beast::http::response<boost::beast::http::vector_body<std::uint8_t>>;

  void ReadHeader();
  void Route();
  void Park(RuntimeCall call);
  void WatchPeer();
  void Unpark();
  void BeginPost(const RuntimeRoute& route);
  void Continue();
  void ReadBody();
  void TakeChunk(std::size_t bytes);
  void FinishPost(bool whole);
  void Refuse(const std::string& type, bool keep_alive);
  void Answer(boost::beast::http::status status, const std::string& json, bool keep_alive);
  void Write();
  void End();

  boost::asio::ip::tcp::socket socket_;
  RuntimeApi* api_;
  boost::beast::flat_buffer buffer_;
  std::optional<Parser> parser_;
  std::optional<Response> response_;
  std::array<std::uint8_t, 16384> chunk_{};
  Posted posted_;
  // Why the post that is being read will be refused.
  std::optional<std::string> refusal_;
  bool parked_ = false;
  // The invocation that is being written to the runtime; its payload is the response's body.
  std::optional<InvokeRequest> giving_;
};

}  // namespace ballast
