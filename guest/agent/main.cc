#include <malloc.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <csignal>
#include <cstdio>
#include <exception>
#include <string>

#include "agent.h"
#include "machine.h"
#include "posix.h"
#include "runtime_table.h"

namespace {

constexpr const char* kRuntimesFile = "/var/runtime/runtimes.json";
constexpr int kLargeBytes = 128 << 10;

// An exception is one request's, or one connection's: the machine goes on.
void Serve(boost::asio::io_context& context) {
  for (;;) {
    try {
      context.run();
      return;
    } catch (const std::exception& error) {
      ballast::Log(std::string("unexpected: ") + error.what());
    }
  }
}

}  // namespace

int main() {
  if (::getpid() != 1) {
    std::printf("ballast-agent %s, which runs as PID 1 of a guest\n", ballast::kAgentVersion);
    return 0;
  }
  try {
    // Payloads go back to the kernel as soon as they are freed.
    ::mallopt(M_MMAP_THRESHOLD, kLargeBytes);
    std::signal(SIGPIPE, SIG_IGN);
    ballast::BootMachine();
    boost::asio::io_context context(1);
    ballast::Agent agent(context, ballast::ParseRuntimeTable(ballast::ReadFile(kRuntimesFile)));
    agent.Run();
    Serve(context);
    ballast::PowerOff("there is nothing left to wait for");
  } catch (const std::exception& error) {
    ballast::PowerOff(error.what());
  }
}
