#pragma once

#include <sys/types.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <cstdint>
#include <string>

#include "answer.h"
#include "channel.h"
#include "frame.h"
#include "function.h"
#include "memory_hold.h"
#include "rehearsal.h"
#include "request.h"
#include "runtime_table.h"

namespace ballast {

constexpr const char* kAgentVersion = "0.1.0";
constexpr int kProtocolVersion = 1;
constexpr const char* kPortName = "io.ballast.agent";

// Gives every request of the host to the function, and every one of them an answer.
class Agent {
 public:
  Agent(boost::asio::io_context& context, RuntimeTable runtimes);

  void Run();

 private:
  void ReapChildren();
  void Hello(std::uint64_t connection);
  void Take(std::uint64_t connection, Frame frame);
  void Carry(Request request, const Reply& reply);

  boost::asio::signal_set child_signal_;
  Function function_;
  Rehearsal rehearsal_;
  MemoryHold hold_;
  Channel channel_;
};

}  // namespace ballast
