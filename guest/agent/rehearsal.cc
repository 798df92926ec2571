#include "rehearsal.h"

#include <chrono>
#include <string>
#include <utility>

#include "failure.h"
#include "json.h"
#include "memory_report.h"
#include "outcome.h"

namespace ballast {
namespace {

// Beside the one that functions speak to.
constexpr std::uint16_t kPort = kRuntimeApiPort + 1;
// Holds `index.mjs`, `index.py` and `bootstrap`.
constexpr const char* kRehearsalRoot = "/var/runtime/rehearsal";
constexpr const char* kHandler = "index.handler";

Limits RehearsalLimits() {
  Limits limits;
  limits.memory_bytes = 256ULL << 20U;
  limits.cpu_period_us = 100'000;
  limits.cpu_quota_us = limits.cpu_period_us;
  limits.processes = 256;
  return limits;
}

InvokeRequest RehearsedInvocation() {
  InvokeRequest invocation;
  invocation.request_id = "00000000-0000-4000-8000-000000000000";
  const std::string event = R"({"rehearsal":true})";
  invocation.payload.assign(event.begin(), event.end());
  invocation.memory_bytes = RehearsalLimits().memory_bytes;
  return invocation;
}

}  // namespace

Rehearsal::Rehearsal(boost::asio::io_context& context)
    : cgroup_("rehearsal"),
      api_(context, kPort,
           {[this] { RuntimeIsIdle(); }, [](const Posted& /*posted*/) {},
            [this](RuntimeCall call) { RuntimeIsHeld(call); }}),
      process_(context, cgroup_, [this](const RuntimeExit& exit) { Gone(exit); }),
      timer_(context) {}

void Rehearsal::Begin(const RehearseRequest& request, const RuntimeEntry& runtime, Reply reply) {
  if (pending_) {
    throw Failure("busy", "another start is being rehearsed");
  }
  is_invoked_ = false;
  is_done_ = false;
  cgroup_.SetLimits(RehearsalLimits(), true);
  Launch(runtime);
  pending_ = std::move(reply);
  timer_.expires_after(std::chrono::milliseconds(request.timeout_ms));
  timer_.async_wait([this](boost::system::error_code error) {
    if (!error) {
      process_.Kill();
    }
  });
}

void Rehearsal::Launch(const RuntimeEntry& runtime) {
  api_.Reset();
  environment_ = EnvironmentOf({}, kHandler, runtime, api_.port());
  environment_["LAMBDA_TASK_ROOT"] = kRehearsalRoot;
  ProcessSpec spec;
  spec.argv = runtime.argv;
  // What a function would bring along is the rehearsal's.
  const std::string task = std::string(kTaskRoot) + "/";
  std::string& program = spec.argv.front();
  if (program.compare(0, task.size(), task) == 0) {
    program = std::string(kRehearsalRoot) + "/" + program.substr(task.size());
  }
  spec.directory = kRehearsalRoot;
  spec.environment = runtime.start_variables ? BaseEnvironment(runtime, api_.port()) : environment_;
  spec.cgroup = cgroup_.directory();
  process_.Launch(spec);
}

void Rehearsal::RuntimeIsHeld(RuntimeCall call) {
  if (call == RuntimeCall::kStart) {
    static_cast<void>(
        api_.Resume(Dump({{"environment", environment_}, {"directory", kRehearsalRoot}})));
  }
}

void Rehearsal::RuntimeIsIdle() {
  if (!pending_) {
    return;
  }
  if (is_invoked_) {
    is_done_ = true;
    process_.Kill();
    return;
  }
  is_invoked_ = true;
  cgroup_.SetProcessor(RehearsalLimits(), false);
  cgroup_.Freeze();
  cgroup_.Thaw();
  api_.Offer(RehearsedInvocation());
}

bool Rehearsal::ChildExited(pid_t pid, int status) {
  if (!process_.ChildExited(pid, status)) {
    return false;
  }
  process_.AwaitGone();
  return true;
}

void Rehearsal::Gone(const RuntimeExit& exit) {
  timer_.cancel();
  api_.Reset();
  const LogTail::Taken log = process_.TakeLog();
  if (!pending_) {
    return;
  }
  const Reply reply = *std::exchange(pending_, std::nullopt);
  if (is_done_) {
    reply({FrameType::kReply, {{"memory", MemoryReport(cgroup_.Memory())}}, {}});
  } else {
    reply(FailureAnswer(Failure("guest-error", "the rehearsed start did not come to its end: " +
                                                   ExitHead(exit).dump() + " " + log.tail)));
  }
}

}  // namespace ballast
