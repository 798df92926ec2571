#include "runtime_process.h"

#include <sys/wait.h>
#include <unistd.h>

#include <boost/asio/buffer.hpp>
#include <chrono>
#include <csignal>
#include <cstring>
#include <exception>
#include <utility>

#include "posix.h"

namespace ballast {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

constexpr std::chrono::milliseconds kEmptyPoll{2};
// More than a pipe holds: what a process wrote before it answered is drained, and a process that
// never stops writing does not hold the answer up.
constexpr std::size_t kMaxOutputBytes = 256U << 10U;

std::string SignalName(int number) {
  const char* name = ::sigabbrev_np(number);
  return name == nullptr ? "SIG" + std::to_string(number) : std::string("SIG") + name;
}

}  // namespace

RuntimeExit ExitOf(int status, bool oom_killed) {
  RuntimeExit exit;
  if (WIFSIGNALED(status)) {
    exit.signal = SignalName(WTERMSIG(status));
    exit.out_of_memory = oom_killed && WTERMSIG(status) == SIGKILL;
  } else {
    exit.exit_code = WEXITSTATUS(status);
  }
  return exit;
}

RuntimeProcess::RuntimeProcess(asio::io_context& context, Cgroup& cgroup, Gone gone)
    : cgroup_(&cgroup), gone_(std::move(gone)), output_(context), poll_(context) {}

void RuntimeProcess::Launch(const ProcessSpec& spec) {
  oom_kills_before_ = cgroup_->Memory().oom_kills;
  Process process = Spawn(spec);
  pid_ = process.pid;
  output_.assign(process.output.release());
  ReadOutput();
}

void RuntimeProcess::Kill() {
  cgroup_->Kill();
  // What was frozen dies all the same; what comes next must not start frozen.
  cgroup_->Thaw();
}

bool RuntimeProcess::ChildExited(pid_t pid, int status) {
  if (pid != pid_) {
    return false;
  }
  pid_ = -1;
  exit_ = ExitOf(status, cgroup_->Memory().oom_kills > oom_kills_before_);
  Kill();
  return true;
}

void RuntimeProcess::AwaitGone() {
  if (!cgroup_->IsEmpty()) {
    poll_.expires_after(kEmptyPoll);
    poll_.async_wait([this](error_code error) {
      if (!error) {
        AwaitGone();
      }
    });
    return;
  }
  DrainOutput();
  error_code ignored;
  static_cast<void>(output_.close(ignored));
  gone_(std::exchange(exit_, {}));
}

void RuntimeProcess::ReadOutput() {
  output_.async_read_some(asio::buffer(chunk_), [this](error_code error, std::size_t bytes) {
    // The end of the output, and a closed pipe, are no concern: the exit is told by the kernel.
    if (!error) {
      log_.Append({chunk_.data(), bytes});
      ReadOutput();
    }
  });
}

void RuntimeProcess::DrainOutput() {
  std::size_t drained = 0;
  while (output_.is_open() && drained < kMaxOutputBytes) {
    const ssize_t got = ::read(output_.native_handle(), chunk_.data(), chunk_.size());
    if (got <= 0) {
      return;
    }
    log_.Append({chunk_.data(), static_cast<std::size_t>(got)});
    drained += static_cast<std::size_t>(got);
  }
}

LogTail::Taken RuntimeProcess::TakeLog() {
  DrainOutput();
  return log_.Take();
}

}  // namespace ballast
