#pragma once

#include <sys/types.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "answer.h"
#include "cgroup.h"
#include "code.h"
#include "process.h"
#include "request.h"
#include "runtime_api.h"
#include "runtime_process.h"
#include "runtime_table.h"
#include "scratch.h"

namespace ballast {

// The function that this guest serves: its runtime's life from start to end, one invocation at a
// time, and what it holds of memory and storage.
class Function {
 public:
  // Told when the runtime ended while nothing was asked of it: the head of an `exit` event.
  using Lost = std::function<void(Json)>;

  Function(boost::asio::io_context& context, RuntimeTable runtimes, Lost lost);

  // Each gives its reply one answer; what they throw is the answer too.
  void Preload(PreloadRequest request, Reply reply);
  void Start(StartRequest request, Reply reply);
  void Restore(RestoreRequest request, Reply reply);
  void Invoke(InvokeRequest request, Reply reply);
  void Stop(Reply reply);
  Json Claim(const Limits& limits);
  Json Release(const Limits& limits);
  Json SetStorage(std::uint64_t bytes);

  // MEMORY of the protocol.
  [[nodiscard]] Json Memory() const;
  [[nodiscard]] const RuntimeTable& runtimes() const { return runtimes_; }
  // Throws Failure `unknown-runtime`.
  [[nodiscard]] const RuntimeEntry& EntryOf(const std::string& runtime) const;

  void ChildExited(pid_t pid, int status);

 private:
  // kPreloading, kPreloaded: the runtime was started without a function, and waits for one.
  // kPreparing: waits for its disks. kRestorable: initialised, and to be held until its machine is
  // restored. kEnding: killed or dead, and not all of it is gone yet.
  enum class Phase : std::uint8_t {
    kNone,
    kPreloading,
    kPreloaded,
    kPreparing,
    kStarting,
    kRestorable,
    kReady,
    kBusy,
    kEnding
  };

  struct Result {
    Json head;
    Bytes body;
  };

  struct Deferred {
    Reply reply;
    std::function<void()> request;
  };

  void Begin(std::uint64_t timeout_ms, Reply reply);
  void LaunchWaiting(const std::string& runtime);
  void AwaitDisks(const std::function<bool()>& are_there, const std::function<void()>& then);
  void FailStart(const Failure& failure);
  void Launch();
  void Spawn(ProcessSpec spec);
  void Resume(const Environment& environment);
  void BoundInit();
  void RuntimeIsHeld(RuntimeCall call);
  void Replace(StartRequest request, const Reply& reply);
  void RuntimeIsIdle();
  void RuntimePosted(Posted posted);
  void FreezeSoon();
  void Freeze();
  void Thaw();

  // Ends the runtime; the request under way is then answered with this.
  void End(Result result);
  void RuntimeGone(const RuntimeExit& exit);

  // While the runtime is ending, a request waits until it has ended. False when it is not.
  bool Defer(const Reply& reply, std::function<void()> request);
  void TakeDeferred();

  [[nodiscard]] double ElapsedMs() const;
  Answer Report(Result result);
  void AnswerPending(Answer answer);
  void RequireSteady() const;
  Json TakeMemory(const Limits& limits);
  Json ApplyLimits(const Limits& limits, std::uint64_t used_bytes);

  RuntimeTable runtimes_;
  Lost lost_;
  Cgroup cgroup_;
  Scratch scratch_;
  RuntimeApi api_;
  RuntimeProcess process_;
  boost::asio::steady_timer timer_;
  Phase phase_ = Phase::kNone;
  StartRequest start_;
  Code code_;
  // Of the runtime that was started without a function, until it ends.
  std::string preloaded_;
  std::chrono::steady_clock::time_point began_;
  std::uint64_t timeout_ms_ = 0;
  std::optional<Reply> pending_;
  std::optional<Result> ending_;
  std::vector<Reply> stops_;
  // Requests that came while the runtime was ending, in their order.
  std::vector<Deferred> deferred_;
  // What is under way, or was last, is a start: its time is `initMs`.
  bool initialising_ = false;
  bool frozen_ = false;
};

}  // namespace ballast
