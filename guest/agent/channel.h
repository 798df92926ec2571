#pragma once

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/signal_set.hpp>
#include <cstdint>
#include <deque>
#include <functional>
#include <string>

#include "frame.h"

namespace ballast {

// The virtio-serial port to the host. It outlives the host's connections: each of them has a
// number, so that an answer never reaches a connection that did not ask.
class Channel {
 public:
  struct Events {
    std::function<void(std::uint64_t connection)> connected;
    std::function<void(std::uint64_t connection, Frame)> frame;
  };

  // Opens the port of this name. Throws where the machine has none.
  Channel(boost::asio::io_context& context, const std::string& name, Events events);

  // Waits for the host.
  void Run();

  // Sends the frame, or drops it when that connection is over.
  void Send(std::uint64_t connection, Frame frame);

  // The connection that stands, or the one that was last.
  [[nodiscard]] std::uint64_t connection() const { return connection_; }

 private:
  enum class State : std::uint8_t {
    kAway,
    kConnected,
    // The host broke the protocol: what it sends is thrown away until it has gone.
    kBroken,
  };

  struct Outgoing {
    std::string start;
    Bytes body;
  };

  void AwaitHost();
  void Look();
  void Disconnected();
  void Read();
  void Took(std::size_t bytes);
  void Write();

  boost::asio::posix::stream_descriptor port_;
  boost::asio::signal_set signal_;
  Events events_;
  FrameReader reader_;
  State state_ = State::kAway;
  std::uint64_t connection_ = 0;
  std::deque<Outgoing> outgoing_;
  // The host asks faster than it reads answers: nothing is read until it has caught up.
  bool paused_ = false;
  std::array<std::uint8_t, 4096> discarded_{};
};

}  // namespace ballast
