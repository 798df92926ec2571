#include "channel.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>
#include <csignal>
#include <filesystem>
#include <stdexcept>
#include <utility>

#include "posix.h"

namespace ballast {
namespace {

namespace asio = boost::asio;
namespace fs = std::filesystem;
using boost::system::error_code;

// Answers and events that wait for the host to read them.
constexpr std::size_t kMaxOutgoing = 32;

UniqueFd OpenPort(const std::string& name) {
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator("/sys/class/virtio-ports", ignored)) {
    const fs::path file = entry.path() / "name";
    if (fs::exists(file, ignored) && ReadFile(file) == name + "\n") {
      return Open("/dev/" + entry.path().filename().string(), O_RDWR | O_NONBLOCK);
    }
  }
  throw std::runtime_error("the machine has no virtio-serial port named " + name);
}

bool HostIsThere(int port) {
  pollfd poll_port{port, POLLIN, 0};
  return ::poll(&poll_port, 1, 0) >= 0 && (poll_port.revents & POLLHUP) == 0;
}

// SIGIO tells of the host's coming, and would also tell of every byte.
void SignalChanges(int port, bool on) {
  Check(::fcntl(port, F_SETOWN, ::getpid()), "fcntl the port's owner");
  const int flags = Check(::fcntl(port, F_GETFL), "fcntl the port's flags");
  Check(::fcntl(port, F_SETFL, on ? flags | O_ASYNC : flags & ~O_ASYNC), "fcntl the port's flags");
}

}  // namespace

Channel::Channel(asio::io_context& context, const std::string& name, Events events)
    : port_(context, OpenPort(name).release()),
      signal_(context, SIGIO),
      events_(std::move(events)) {}

void Channel::Run() {
  SignalChanges(port_.native_handle(), true);
  AwaitHost();
  Look();
}

void Channel::AwaitHost() {
  signal_.async_wait([this](error_code error, int /*signal*/) {
    if (!error) {
      AwaitHost();
      Look();
    }
  });
}

void Channel::Look() {
  if (state_ != State::kAway || !HostIsThere(port_.native_handle())) {
    return;
  }
  SignalChanges(port_.native_handle(), false);
  state_ = State::kConnected;
  ++connection_;
  reader_.Reset();
  events_.connected(connection_);
  Read();
}

void Channel::Disconnected() {
  state_ = State::kAway;
  paused_ = false;
  // What is half written must not reach the next connection.
  port_.cancel();
  outgoing_.clear();
  SignalChanges(port_.native_handle(), true);
  // The host may have come back before the signal was armed.
  Look();
}

void Channel::Read() {
  const FrameReader::Space wanted = reader_.Wanted();
  const auto space =
      state_ == State::kBroken ? asio::buffer(discarded_) : asio::buffer(wanted.data, wanted.size);
  port_.async_read_some(space, [this](error_code error, std::size_t bytes) {
    if (error == asio::error::operation_aborted) {
      return;
    }
    if (error) {
      Log("the host has gone: " + error.message());
      Disconnected();
    } else {
      Took(bytes);
    }
  });
}

void Channel::Took(std::size_t bytes) {
  if (state_ == State::kConnected) {
    try {
      if (auto frame = reader_.Commit(bytes)) {
        events_.frame(connection_, std::move(*frame));
      }
    } catch (const FrameError& error) {
      Log(std::string("the host broke the protocol: ") + error.what());
      state_ = State::kBroken;
      reader_.Reset();
    }
  }
  paused_ = outgoing_.size() >= kMaxOutgoing;
  if (!paused_) {
    Read();
  }
}

void Channel::Send(std::uint64_t connection, Frame frame) {
  if (connection != connection_ || state_ != State::kConnected) {
    return;
  }
  outgoing_.push_back({EncodeFrameStart(frame), std::move(frame.body)});
  if (outgoing_.size() == 1) {
    Write();
  }
}

// NOLINTNEXTLINE(misc-no-recursion): the next write begins in the event loop, not on this stack.
void Channel::Write() {
  const std::array<asio::const_buffer, 2> buffers{asio::buffer(outgoing_.front().start),
                                                  asio::buffer(outgoing_.front().body)};
  asio::async_write(port_, buffers,
                    // NOLINTNEXTLINE(misc-no-recursion): see above.
                    [this, connection = connection_](error_code error, std::size_t /*bytes*/) {
                      // A failed write is followed by a read that says that the host has gone.
                      if (error || connection != connection_ || state_ == State::kAway) {
                        return;
                      }
                      outgoing_.pop_front();
                      if (!outgoing_.empty()) {
                        Write();
                      }
                      if (std::exchange(paused_, false)) {
                        Read();
                      }
                    });
}

}  // namespace ballast
