#include "agent.h"

#include <sys/utsname.h>
#include <sys/wait.h>

#include <chrono>
#include <csignal>
#include <exception>
#include <type_traits>
#include <utility>
#include <variant>

#include "clock.h"
#include "entropy.h"
#include "json.h"
#include "posix.h"

namespace ballast {
namespace {

// A hold that takes longer is asked for again, so that other requests get their turn.
constexpr std::chrono::milliseconds kHoldBound{500};

std::string KernelVersion() {
  utsname name{};
  Check(::uname(&name), "uname");
  const std::string release = static_cast<const char*>(name.release);
  return release.substr(0, release.find_first_of("-+"));
}

}  // namespace

Agent::Agent(boost::asio::io_context& context, RuntimeTable runtimes)
    : child_signal_(context, SIGCHLD),
      function_(context, std::move(runtimes),
                [this](const Json& exit) {
                  channel_.Send(channel_.connection(), {0, FrameType::kEvent, Dump(exit), {}});
                }),
      rehearsal_(context),
      channel_(
          context, kPortName,
          {[this](std::uint64_t connection) { Hello(connection); },
           [this](std::uint64_t connection, Frame frame) { Take(connection, std::move(frame)); }}) {
}

void Agent::Run() {
  ReapChildren();
  channel_.Run();
}

// As PID 1 the agent also inherits whatever lost its parent.
void Agent::ReapChildren() {
  child_signal_.async_wait([this](boost::system::error_code error, int /*signal*/) {
    if (error) {
      return;
    }
    ReapChildren();
    int status = 0;
    for (pid_t pid = ::waitpid(-1, &status, WNOHANG); pid > 0;
         pid = ::waitpid(-1, &status, WNOHANG)) {
      if (!rehearsal_.ChildExited(pid, status)) {
        function_.ChildExited(pid, status);
      }
    }
  });
}

void Agent::Hello(std::uint64_t connection) {
  Json runtimes = Json::array();
  for (const auto& [name, entry] : function_.runtimes()) {
    runtimes.push_back(name);
  }
  const Json hello = {{"event", "hello"},
                      {"protocol", kProtocolVersion},
                      {"agent", kAgentVersion},
                      {"kernel", KernelVersion()},
                      {"runtimes", runtimes},
                      {"uptimeMs", UptimeMs()},
                      {"memory", function_.Memory()}};
  channel_.Send(connection, {0, FrameType::kEvent, Dump(hello), {}});
}

void Agent::Take(std::uint64_t connection, Frame frame) {
  const std::uint32_t id = frame.id;
  const Reply reply = [this, connection, id](Answer answer) {
    channel_.Send(connection, {id, answer.type, Dump(answer.head), std::move(answer.body)});
  };
  try {
    if (frame.type != FrameType::kRequest) {
      throw Failure("bad-request", "the host sends requests only");
    }
    Carry(ParseRequest(std::move(frame)), reply);
  } catch (const Failure& failure) {
    reply(FailureAnswer(failure));
  } catch (const std::exception& error) {
    Log(error.what());
    reply(FailureAnswer(Failure("guest-error", error.what())));
  }
}

void Agent::Carry(Request request, const Reply& reply) {
  const auto report = [&reply](Json head) { reply({FrameType::kReply, std::move(head), {}}); };
  std::visit(
      [&](auto& asked) {
        using Asked = std::decay_t<decltype(asked)>;
        if constexpr (std::is_same_v<Asked, PreloadRequest>) {
          function_.Preload(std::move(asked), reply);
        } else if constexpr (std::is_same_v<Asked, WakeRequest>) {
          // Before any code of a user runs.
          SetClock(asked.now_ms);
          AddEntropy(asked.entropy);
          report({{"memory", function_.Memory()}});
        } else if constexpr (std::is_same_v<Asked, RehearseRequest>) {
          rehearsal_.Begin(asked, function_.EntryOf(asked.runtime), reply);
        } else if constexpr (std::is_same_v<Asked, RestoreRequest>) {
          function_.Restore(std::move(asked), reply);
        } else if constexpr (std::is_same_v<Asked, StartRequest>) {
          function_.Start(std::move(asked), reply);
        } else if constexpr (std::is_same_v<Asked, InvokeRequest>) {
          function_.Invoke(std::move(asked), reply);
        } else if constexpr (std::is_same_v<Asked, StopRequest>) {
          function_.Stop(reply);
        } else if constexpr (std::is_same_v<Asked, ClaimRequest>) {
          report(function_.Claim(asked.limits));
        } else if constexpr (std::is_same_v<Asked, ReleaseRequest>) {
          report(function_.Release(asked.limits));
        } else if constexpr (std::is_same_v<Asked, StorageRequest>) {
          report(function_.SetStorage(asked.bytes));
        } else if constexpr (std::is_same_v<Asked, HoldRequest>) {
          hold_.Adjust(asked.bytes, kHoldBound);
          report({{"heldBytes", hold_.held_bytes()}, {"memory", function_.Memory()}});
        } else {
          report({{"memory", function_.Memory()}});
        }
      },
      request);
}

}  // namespace ballast
