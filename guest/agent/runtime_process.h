#pragma once

#include <sys/types.h>

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "cgroup.h"
#include "log_tail.h"
#include "process.h"

namespace ballast {

// How a runtime ended.
struct RuntimeExit {
  std::optional<int> exit_code;
  std::optional<std::string> signal;
  bool out_of_memory = false;
};

// Reads waitpid's status. `oom_killed`: the kernel killed in the cgroup while the process lived.
RuntimeExit ExitOf(int status, bool oom_killed);

// The runtime and everything that it starts, from the launch until nothing of it is left.
class RuntimeProcess {
 public:
  // Told once the process has ended and its cgroup is empty.
  using Gone = std::function<void(RuntimeExit)>;

  RuntimeProcess(boost::asio::io_context& context, Cgroup& cgroup, Gone gone);

  // Throws ExecError or std::system_error.
  void Launch(const ProcessSpec& spec);

  // Kills all of it. `gone` is told later.
  void Kill();

  // A child of the agent ended; true when it is this one. AwaitGone is then next.
  bool ChildExited(pid_t pid, int status);

  // Kills what the process left behind and tells `gone`, at once or later.
  void AwaitGone();

  // What was written since the last time.
  LogTail::Taken TakeLog();

 private:
  void ReadOutput();
  void DrainOutput();

  Cgroup* cgroup_;
  Gone gone_;
  boost::asio::posix::stream_descriptor output_;
  boost::asio::steady_timer poll_;
  std::array<char, 65536> chunk_{};
  LogTail log_;
  pid_t pid_ = -1;
  std::uint64_t oom_kills_before_ = 0;
  RuntimeExit exit_;
};

}  // namespace ballast
