#include "function.h"

#include <algorithm>
#include <cmath>
#include <exception>
#include <string_view>
#include <system_error>
#include <utility>

#include "base64.h"
#include "clock.h"
#include "disk.h"
#include "meminfo.h"
#include "mounts.h"
#include "posix.h"
#include "preload.h"

namespace ballast {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using Clock = std::chrono::steady_clock;

constexpr std::string_view kTaskRoot = "/var/task";
constexpr std::chrono::milliseconds kDiskPoll{5};
constexpr std::chrono::seconds kDiskBound{5};
// A runtime that has answered gets this long to ask for its next invocation before it is frozen.
constexpr std::chrono::milliseconds kFreezeAfter{50};
constexpr std::size_t kMaxDeferred = 16;
// Left free for the kernel when memory is taken away.
constexpr std::uint64_t kSpareBytes = 32ULL << 20U;

bool MountDisks() {
  static bool task_is_mounted = false;
  static bool scratch_is_mounted = false;
  if (!task_is_mounted) {
    if (const auto device = FindDisk("ballast-task")) {
      MountTask(*device);
      task_is_mounted = true;
    }
  }
  if (!scratch_is_mounted) {
    if (const auto device = FindDisk("ballast-scratch")) {
      MountScratch(*device);
      scratch_is_mounted = true;
    }
  }
  return task_is_mounted && scratch_is_mounted;
}

// What the function's environment says and what only the guest knows, which wins.
ProcessSpec SpecOf(const StartRequest& start, const RuntimeEntry& runtime, int cgroup,
                   std::uint16_t port) {
  ProcessSpec spec;
  spec.argv = runtime.argv;
  spec.directory = kTaskRoot;
  spec.cgroup = cgroup;
  spec.environment = start.environment;
  spec.environment.insert({{"LANG", "en_US.UTF-8"}, {"TZ", ":UTC"}});
  for (const auto& [name, value] : runtime.environment) {
    spec.environment.emplace(name, value);
  }
  spec.environment["_HANDLER"] = start.handler;
  spec.environment["LAMBDA_TASK_ROOT"] = kTaskRoot;
  spec.environment["AWS_LAMBDA_RUNTIME_API"] = "127.0.0.1:" + std::to_string(port);
  return spec;
}

Json ExitHead(const RuntimeExit& exit) {
  return {{"exitCode", exit.exit_code ? Json(*exit.exit_code) : Json()},
          {"signal", exit.signal ? Json(*exit.signal) : Json()}};
}

Json ErrorHead(const Posted& posted) {
  std::string type = posted.error_type;
  if (type.empty()) {
    const auto* text = reinterpret_cast<const char*>(posted.body.data());
    type = FindErrorType({text, posted.body.size()});
  }
  return {{"outcome", "error"}, {"errorType", type.empty() ? "Unhandled" : type}};
}

Json OutcomeOf(const Posted& posted) {
  if (posted.TooLarge()) {
    return {{"outcome", "too-large"}, {"responseBytes", posted.body_bytes}};
  }
  const bool answered = posted.call == RuntimeCall::kResponse && posted.error_type.empty();
  return answered ? Json{{"outcome", "response"}} : ErrorHead(posted);
}

}  // namespace

Function::Function(asio::io_context& context, RuntimeTable runtimes, Lost lost)
    : runtimes_(std::move(runtimes)),
      lost_(std::move(lost)),
      cgroup_("function"),
      api_(context, kRuntimeApiPort,
           {[this] { RuntimeIsIdle(); },
            [this](Posted posted) { RuntimePosted(std::move(posted)); }}),
      process_(context, cgroup_, [this](const RuntimeExit& exit) { RuntimeGone(exit); }),
      timer_(context) {}

Json Function::Memory() const {
  const Meminfo machine = ReadMeminfo();
  const CgroupMemory cgroup = cgroup_.Memory();
  return {{"totalBytes", machine.total_bytes},
          {"freeBytes", machine.free_bytes},
          {"availableBytes", machine.available_bytes},
          {"limitBytes", cgroup.limit_bytes ? Json(*cgroup.limit_bytes) : Json()},
          {"currentBytes", cgroup.current_bytes},
          {"peakBytes", cgroup.peak_bytes},
          {"oomKills", cgroup.oom_kills}};
}

double Function::ElapsedMs() const {
  const std::chrono::duration<double, std::milli> elapsed = Clock::now() - began_;
  constexpr double kThousandths = 1000;
  return std::round(elapsed.count() * kThousandths) / kThousandths;
}

Answer Function::Report(Result result) {
  const LogTail::Taken log = process_.TakeLog();
  result.head[initialising_ ? "initMs" : "durationMs"] = ElapsedMs();
  result.head["logTail"] = Base64(log.tail);
  result.head["logBytes"] = log.bytes;
  result.head["memory"] = Memory();
  return {FrameType::kReply, std::move(result.head), std::move(result.body)};
}

void Function::AnswerPending(Answer answer) {
  if (pending_) {
    const Reply reply = *std::exchange(pending_, std::nullopt);
    reply(std::move(answer));
  }
}

bool Function::Defer(std::function<void()> request) {
  if (phase_ != Phase::kEnding) {
    return false;
  }
  if (deferred_.size() >= kMaxDeferred) {
    throw Failure("busy", "the runtime is ending and too many requests wait for that");
  }
  deferred_.push_back(std::move(request));
  return true;
}

void Function::Start(StartRequest request, Reply reply) {
  if (Defer([this, request, reply] { Start(request, reply); })) {
    return;
  }
  if (phase_ != Phase::kNone) {
    throw Failure("already-started", "a runtime is running: stop it first");
  }
  if (runtimes_.count(request.runtime) == 0) {
    throw Failure("unknown-runtime", "this image has no runtime '" + request.runtime + "'");
  }
  SetClock(request.now_ms);
  cgroup_.SetLimits(request.limits, true);
  cgroup_.ResetPeak();
  start_ = std::move(request);
  initialising_ = true;
  began_ = Clock::now();
  pending_ = std::move(reply);
  phase_ = Phase::kPreparing;
  Prepare();
}

void Function::Prepare() {
  try {
    if (MountDisks()) {
      Launch();
      return;
    }
    if (Clock::now() - began_ > kDiskBound) {
      throw Failure("guest-error",
                    "the disks ballast-task and ballast-scratch did not both appear within 5 s");
    }
  } catch (const Failure& failure) {
    FailStart(failure);
    return;
  } catch (const std::exception& error) {
    FailStart(Failure("guest-error", error.what()));
    return;
  }
  timer_.expires_after(kDiskPoll);
  timer_.async_wait([this](error_code error) {
    if (!error) {
      Prepare();
    }
  });
}

void Function::FailStart(const Failure& failure) {
  phase_ = Phase::kNone;
  AnswerPending(FailureAnswer(failure));
}

void Function::Launch() {
  api_.Reset();
  try {
    const RuntimeEntry& runtime = runtimes_.at(start_.runtime);
    Preload(runtime.preload);
    process_.Launch(SpecOf(start_, runtime, cgroup_.directory(), api_.port()));
  } catch (const ExecError& error) {
    const std::string body =
        Json{{"errorType", "Runtime.InvalidEntrypoint"}, {"errorMessage", error.what()}}.dump();
    phase_ = Phase::kNone;
    AnswerPending(Report({{{"outcome", "error"}, {"errorType", "Runtime.InvalidEntrypoint"}},
                          Bytes(body.begin(), body.end())}));
    return;
  }
  phase_ = Phase::kStarting;
  timer_.expires_at(began_ + std::chrono::milliseconds(start_.timeout_ms));
  timer_.async_wait([this](error_code error) {
    if (!error && phase_ == Phase::kStarting) {
      End({{{"outcome", "timeout"}}, {}});
    }
  });
}

void Function::RuntimeIsIdle() {
  if (phase_ == Phase::kStarting) {
    timer_.cancel();
    cgroup_.SetProcessor(start_.limits, false);
    phase_ = Phase::kReady;
    Freeze();
    AnswerPending(Report({{{"outcome", "ready"}}, {}}));
  } else if (phase_ == Phase::kReady) {
    Freeze();
  }
}

void Function::RuntimePosted(Posted posted) {
  if (phase_ == Phase::kStarting && posted.call == RuntimeCall::kInitError) {
    Json head = ErrorHead(posted);
    End({std::move(head), std::move(posted.body)});
  } else if (phase_ == Phase::kBusy) {
    phase_ = Phase::kReady;
    FreezeSoon();
    Json head = OutcomeOf(posted);
    AnswerPending(Report({std::move(head), std::move(posted.body)}));
  }
}

void Function::Invoke(InvokeRequest request, Reply reply) {
  if (Defer([this, request, reply] { Invoke(request, reply); })) {
    return;
  }
  if (phase_ == Phase::kNone) {
    throw Failure("not-started", "no runtime is running: start it first");
  }
  if (phase_ != Phase::kReady) {
    throw Failure("busy", "the runtime serves another request");
  }
  SetClock(request.now_ms);
  cgroup_.ResetPeak();
  timer_.cancel();
  pending_ = std::move(reply);
  initialising_ = false;
  began_ = Clock::now();
  phase_ = Phase::kBusy;
  Thaw();
  request.memory_bytes = start_.limits.memory_bytes;
  api_.Offer(std::move(request));
}

void Function::FreezeSoon() {
  timer_.expires_after(kFreezeAfter);
  timer_.async_wait([this](error_code error) {
    if (!error && phase_ == Phase::kReady) {
      Freeze();
    }
  });
}

void Function::Freeze() {
  timer_.cancel();
  if (!std::exchange(frozen_, true)) {
    cgroup_.Freeze();
  }
}

void Function::Thaw() {
  if (std::exchange(frozen_, false)) {
    cgroup_.Thaw();
  }
}

void Function::Stop(Reply reply) {
  if (phase_ == Phase::kPreparing) {
    timer_.cancel();
    phase_ = Phase::kNone;
    AnswerPending(Report({{{"outcome", "stopped"}}, {}}));
  }
  if (phase_ == Phase::kNone) {
    reply({FrameType::kReply, {{"memory", Memory()}}, {}});
    return;
  }
  if (stops_.size() >= kMaxDeferred) {
    throw Failure("busy", "the runtime is being stopped already");
  }
  stops_.push_back(std::move(reply));
  if (phase_ != Phase::kEnding) {
    End({{{"outcome", "stopped"}}, {}});
  }
}

void Function::End(Result result) {
  timer_.cancel();
  phase_ = Phase::kEnding;
  ending_ = std::move(result);
  frozen_ = false;
  process_.Kill();
}

void Function::ChildExited(pid_t pid, int status) {
  if (process_.ChildExited(pid, status)) {
    // By itself or as End wanted. What it had started is being killed.
    timer_.cancel();
    phase_ = Phase::kEnding;
    frozen_ = false;
    process_.AwaitGone();
  }
}

void Function::RuntimeGone(const RuntimeExit& exit) {
  phase_ = Phase::kNone;
  api_.Reset();
  Json head = ExitHead(exit);
  if (pending_) {
    head["outcome"] = exit.out_of_memory ? "out-of-memory" : "exit";
    Result result = ending_ ? std::move(*ending_) : Result{std::move(head), {}};
    AnswerPending(Report(std::move(result)));
  } else if (!ending_) {
    head["event"] = "exit";
    head["outOfMemory"] = exit.out_of_memory;
    lost_(std::move(head));
  }
  ending_.reset();
  for (const Reply& reply : std::exchange(stops_, {})) {
    reply({FrameType::kReply, {{"memory", Memory()}}, {}});
  }
  for (const auto& request : std::exchange(deferred_, {})) {
    request();
  }
}

void Function::RequireUnused() const {
  if (phase_ != Phase::kNone && phase_ != Phase::kReady) {
    throw Failure("busy", "the limits change between invocations only");
  }
}

Json Function::ApplyLimits(const Limits& limits, std::uint64_t used_bytes) {
  if (used_bytes > limits.memory_bytes) {
    throw Failure("memory-held",
                  "the function holds " + std::to_string(used_bytes) + " bytes, more than the " +
                      std::to_string(limits.memory_bytes) + " it is to be held to",
                  {{"heldBytes", used_bytes}});
  }
  cgroup_.SetLimits(limits, false);
  start_.limits = limits;
  return {{"memory", Memory()}};
}

Json Function::Claim(const Limits& limits) {
  RequireUnused();
  if (phase_ == Phase::kReady) {
    Freeze();
  }
  const CgroupMemory before = cgroup_.Memory();
  const std::uint64_t used = cgroup_.Reclaim(limits.memory_bytes);
  // The host takes away what the limit gives up. Caches outside the cgroup are dropped only when
  // the free memory does not cover that: they hold the runtime, which would have to read it again.
  const std::uint64_t limit = before.limit_bytes.value_or(limits.memory_bytes);
  const std::uint64_t taken = limit > limits.memory_bytes ? limit - limits.memory_bytes : 0;
  if (ReadMeminfo().free_bytes < taken + kSpareBytes) {
    WriteFile("/proc/sys/vm/drop_caches", "1");
    WriteFile("/proc/sys/vm/compact_memory", "1");
  }
  return ApplyLimits(limits, used);
}

Json Function::Release(const Limits& limits) {
  RequireUnused();
  return ApplyLimits(limits, cgroup_.Memory().current_bytes);
}

}  // namespace ballast
