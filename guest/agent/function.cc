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
#include "free_memory.h"
#include "json.h"
#include "memory_report.h"
#include "mounts.h"
#include "outcome.h"
#include "posix.h"
#include "preload.h"
#include "runtime_environment.h"

namespace ballast {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kTaskPoll{5};
constexpr std::chrono::seconds kTaskBound{5};
// A runtime that has answered gets this long to ask for its next invocation before it is frozen.
constexpr std::chrono::milliseconds kFreezeAfter{50};
constexpr std::size_t kMaxDeferred = 16;

}  // namespace

Function::Function(asio::io_context& context, RuntimeTable runtimes, Lost lost)
    : runtimes_(std::move(runtimes)),
      lost_(std::move(lost)),
      cgroup_("function"),
      api_(
          context, kRuntimeApiPort,
          {[this] { RuntimeIsIdle(); }, [this](Posted posted) { RuntimePosted(std::move(posted)); },
           [this](RuntimeCall call) { RuntimeIsHeld(call); }}),
      process_(context, cgroup_, [this](const RuntimeExit& exit) { RuntimeGone(exit); }),
      timer_(context) {}

Json Function::Memory() const { return MemoryReport(cgroup_.Memory()); }

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

bool Function::Defer(const Reply& reply, std::function<void()> request) {
  if (phase_ != Phase::kEnding) {
    return false;
  }
  if (deferred_.size() >= kMaxDeferred) {
    throw Failure("busy", "the runtime is ending and too many requests wait for that");
  }
  deferred_.push_back({reply, std::move(request)});
  return true;
}

void Function::Begin(std::uint64_t timeout_ms, Reply reply) {
  cgroup_.ResetPeak();
  initialising_ = true;
  began_ = Clock::now();
  timeout_ms_ = timeout_ms;
  pending_ = std::move(reply);
}

void Function::Preload(PreloadRequest request, Reply reply) {
  if (phase_ != Phase::kNone) {
    throw Failure("already-started", "a runtime is running: stop it first");
  }
  static_cast<void>(EntryOf(request.runtime));
  SetClock(request.now_ms);
  Begin(request.timeout_ms, std::move(reply));
  // What a clone need not do: find its disks, mount the one that all clones have alike.
  AwaitDisks([this] { return code_.Find() && scratch_.Mount(); },
             [this, request = std::move(request)] {
               scratch_.SetSize(request.storage_bytes);
               LaunchWaiting(request.runtime);
             });
}

void Function::LaunchWaiting(const std::string& name) {
  const RuntimeEntry& runtime = EntryOf(name);
  ::ballast::Preload(runtime.preload);
  if (!runtime.start_variables) {
    phase_ = Phase::kNone;
    AnswerPending(Report({{{"outcome", "ready"}}, {}}));
    return;
  }
  phase_ = Phase::kPreloading;
  preloaded_ = name;
  ProcessSpec spec;
  spec.argv = runtime.argv;
  spec.directory = "/";
  spec.environment = BaseEnvironment(runtime, api_.port());
  Spawn(std::move(spec));
}

void Function::Start(StartRequest request, Reply reply) {
  if (Defer(reply, [this, request, reply] { Start(request, reply); })) {
    return;
  }
  if (phase_ != Phase::kNone && phase_ != Phase::kPreloaded) {
    throw Failure("already-started", "a runtime is running: stop it first");
  }
  const RuntimeEntry& runtime = EntryOf(request.runtime);
  const bool is_fit = request.runtime == preloaded_ && CanTakeOver(request, runtime);
  if (phase_ == Phase::kPreloaded && !is_fit) {
    Replace(std::move(request), reply);
    return;
  }
  SetClock(request.now_ms);
  cgroup_.SetLimits(request.limits, true);
  start_ = std::move(request);
  Begin(start_.timeout_ms, std::move(reply));
  AwaitDisks([this] { return code_.Mount() && scratch_.Mount(); },
             [this] {
               scratch_.SetSize(start_.storage_bytes);
               Launch();
             });
}

const RuntimeEntry& Function::EntryOf(const std::string& runtime) const {
  const auto found = runtimes_.find(runtime);
  if (found == runtimes_.end()) {
    throw Failure("unknown-runtime", "this image has no runtime '" + runtime + "'");
  }
  return found->second;
}

// Ends the runtime that waits, so that the function gets one of its own.
void Function::Replace(StartRequest request, const Reply& reply) {
  End({});
  Defer(reply, [this, request = std::move(request), reply] { Start(request, reply); });
}

void Function::AwaitDisks(const std::function<bool()>& are_there,
                          const std::function<void()>& then) {
  phase_ = Phase::kPreparing;
  try {
    if (are_there()) {
      then();
      return;
    }
    if (Clock::now() - began_ > kTaskBound) {
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
  timer_.expires_after(kTaskPoll);
  timer_.async_wait([this, are_there, then](error_code error) {
    if (!error) {
      AwaitDisks(are_there, then);
    }
  });
}

void Function::FailStart(const Failure& failure) {
  phase_ = preloaded_.empty() ? Phase::kNone : Phase::kPreloaded;
  AnswerPending(FailureAnswer(failure));
}

void Function::Launch() {
  const RuntimeEntry& runtime = runtimes_.at(start_.runtime);
  phase_ = Phase::kStarting;
  Environment environment = EnvironmentOf(start_.environment, start_.handler, runtime, api_.port());
  if (!preloaded_.empty()) {
    Resume(environment);
    return;
  }
  ::ballast::Preload(runtime.preload);
  ProcessSpec spec;
  spec.argv = runtime.argv;
  spec.directory = kTaskRoot;
  spec.environment = std::move(environment);
  Spawn(std::move(spec));
}

void Function::Spawn(ProcessSpec spec) {
  api_.Reset();
  spec.cgroup = cgroup_.directory();
  try {
    process_.Launch(spec);
  } catch (const ExecError& error) {
    const std::string body =
        Json{{"errorType", "Runtime.InvalidEntrypoint"}, {"errorMessage", error.what()}}.dump();
    phase_ = Phase::kNone;
    preloaded_.clear();
    AnswerPending(Report({{{"outcome", "error"}, {"errorType", "Runtime.InvalidEntrypoint"}},
                          Bytes(body.begin(), body.end())}));
    return;
  }
  BoundInit();
}

// Lets a runtime that is held go on as this function's.
void Function::Resume(const Environment& environment) {
  BoundInit();
  Thaw();
  if (!api_.Resume(Dump({{"environment", environment}, {"directory", kTaskRoot}}))) {
    End({{{"outcome", "exit"}, {"exitCode", Json()}, {"signal", Json()}}, {}});
  }
}

void Function::BoundInit() {
  timer_.expires_at(began_ + std::chrono::milliseconds(timeout_ms_));
  timer_.async_wait([this](error_code error) {
    if (!error && (phase_ == Phase::kStarting || phase_ == Phase::kPreloading)) {
      End({{{"outcome", "timeout"}}, {}});
    }
  });
}

void Function::RuntimeIsHeld(RuntimeCall call) {
  if (phase_ == Phase::kPreloading && call == RuntimeCall::kStart) {
    timer_.cancel();
    phase_ = Phase::kPreloaded;
    AnswerPending(Report({{{"outcome", "ready"}}, {}}));
  } else if (phase_ == Phase::kStarting && call == RuntimeCall::kRestore) {
    timer_.cancel();
    phase_ = Phase::kRestorable;
    Freeze();
    AnswerPending(Report({{{"outcome", "ready"}}, {}}));
  }
}

void Function::Restore(RestoreRequest request, Reply reply) {
  if (phase_ != Phase::kRestorable && phase_ != Phase::kReady) {
    throw Failure("not-started", "no runtime is held or waits: start it first");
  }
  SetClock(request.now_ms);
  const bool is_held = phase_ == Phase::kRestorable;
  cgroup_.SetLimits(request.limits, is_held);
  start_.environment = std::move(request.environment);
  start_.limits = request.limits;
  Begin(request.timeout_ms, std::move(reply));
  if (!is_held) {
    AnswerPending(Report({{{"outcome", "ready"}}, {}}));
    return;
  }
  phase_ = Phase::kStarting;
  Resume(EnvironmentOf(start_.environment, start_.handler, EntryOf(start_.runtime), api_.port()));
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
  const bool is_init =
      posted.call == RuntimeCall::kInitError || posted.call == RuntimeCall::kRestoreError;
  if (phase_ == Phase::kStarting && is_init) {
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
  if (Defer(reply, [this, request, reply] { Invoke(request, reply); })) {
    return;
  }
  if (phase_ == Phase::kNone || phase_ == Phase::kPreloaded) {
    throw Failure("not-started", "no runtime is running: start it first");
  }
  if (phase_ == Phase::kRestorable) {
    throw Failure("not-started", "the runtime waits to be restored: restore it first");
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
    phase_ = preloaded_.empty() ? Phase::kNone : Phase::kPreloaded;
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
  preloaded_.clear();
  const bool is_untaken = api_.HasOffer();
  api_.Reset();
  Json head = ExitHead(exit);
  if (pending_ && is_untaken && !ending_) {
    // It died of the invocation before, and this one can be given to another runtime.
    AnswerPending(FailureAnswer(
        Failure("not-started", "the runtime ended before it took the invocation: start it again")));
  } else if (pending_) {
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
  TakeDeferred();
}

void Function::TakeDeferred() {
  for (const Deferred& deferred : std::exchange(deferred_, {})) {
    try {
      deferred.request();
    } catch (const Failure& failure) {
      deferred.reply(FailureAnswer(failure));
    } catch (const std::exception& error) {
      deferred.reply(FailureAnswer(Failure("guest-error", error.what())));
    }
  }
}

void Function::RequireSteady() const {
  const bool is_moving = phase_ == Phase::kPreloading || phase_ == Phase::kPreparing ||
                         phase_ == Phase::kStarting || phase_ == Phase::kEnding;
  if (is_moving) {
    throw Failure("busy", "the limits cannot change while the runtime starts or ends");
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
  RequireSteady();
  if (phase_ == Phase::kNone || phase_ == Phase::kPreloaded) {
    return TakeMemory(limits);
  }
  // An invocation that runs stands still while it is measured, so that what fits goes on fitting.
  const bool goes_on = phase_ == Phase::kBusy;
  Freeze();
  try {
    Json report = TakeMemory(limits);
    if (goes_on) {
      Thaw();
    }
    return report;
  } catch (...) {
    if (goes_on) {
      Thaw();
    }
    throw;
  }
}

Json Function::TakeMemory(const Limits& limits) {
  const std::uint64_t used = FreeMemory(cgroup_, scratch_, limits.memory_bytes);
  return ApplyLimits(limits, used);
}

Json Function::SetStorage(std::uint64_t bytes) {
  if (phase_ != Phase::kNone && phase_ != Phase::kReady) {
    throw Failure("busy", "the storage cannot change while the function works");
  }
  // What it has left running must not write meanwhile.
  if (phase_ == Phase::kReady) {
    Freeze();
  }
  scratch_.SetSize(bytes);
  return {{"storage", scratch_.Report()}};
}

Json Function::Release(const Limits& limits) {
  RequireSteady();
  return ApplyLimits(limits, cgroup_.Memory().current_bytes);
}

}  // namespace ballast
