#include "process.h"

#include <fcntl.h>
#include <grp.h>
#include <linux/sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <system_error>

namespace ballast {
namespace {

constexpr rlim_t kOpenFiles = 1024;

struct Pipe {
  UniqueFd read;
  UniqueFd write;
};

Pipe MakePipe(int flags) {
  std::array<int, 2> ends{};
  Check(::pipe2(ends.data(), O_CLOEXEC | flags), "pipe2");
  return {UniqueFd(ends[0]), UniqueFd(ends[1])};
}

std::vector<char*> Pointers(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  pointers.reserve(texts.size() + 1);
  for (std::string& text : texts) {
    pointers.push_back(text.data());
  }
  pointers.push_back(nullptr);
  return pointers;
}

void SetLimit(__rlimit_resource which, rlim_t value) {
  const rlimit limit{value, value};
  Check(::setrlimit(which, &limit), "setrlimit");
}

void ResetSignals() {
  sigset_t none{};
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  for (int number = 1; number < NSIG; ++number) {
    ::signal(number, SIG_DFL);
  }
}

// Everything that happens between the clone and the exec. Never returns.
[[noreturn]] void RunChild(const ProcessSpec& spec, int output, int error_pipe, char* const* argv,
                           char* const* environment) {
  try {
    ResetSignals();
    Check(::setsid(), "setsid");
    const UniqueFd input = Open("/dev/null", O_RDONLY);
    Check(::dup2(input.get(), STDIN_FILENO), "dup2");
    Check(::dup2(output, STDOUT_FILENO), "dup2");
    Check(::dup2(output, STDERR_FILENO), "dup2");
    SetLimit(RLIMIT_NOFILE, kOpenFiles);
    SetLimit(RLIMIT_CORE, 0);
    Check(::chdir(spec.directory.c_str()), "chdir " + spec.directory);
    Check(::setgroups(0, nullptr), "setgroups");
    Check(::setresgid(kSandboxGroup, kSandboxGroup, kSandboxGroup), "setresgid");
    Check(::setresuid(kSandboxUser, kSandboxUser, kSandboxUser), "setresuid");
    Check(::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "prctl no_new_privs");
    Check(::execve(argv[0], argv, environment), std::string("execute ") + argv[0]);
  } catch (const std::system_error& error) {
    const std::string text = error.what();
    // A lost message still shows as an exit with a status of its own.
    if (::write(error_pipe, text.data(), text.size()) < 0) {
      ::_exit(126);
    }
  }
  ::_exit(127);
}

// Throws what kept the child from executing; returns when it did execute.
void AwaitExec(pid_t pid, int error_pipe) {
  std::array<char, 512> text{};
  const ssize_t got = ::read(error_pipe, text.data(), text.size());
  if (got > 0) {
    ::waitpid(pid, nullptr, 0);
    throw ExecError(std::string(text.data(), static_cast<std::size_t>(got)));
  }
}

}  // namespace

Process Spawn(const ProcessSpec& spec) {
  std::vector<std::string> arguments = spec.argv;
  std::vector<std::string> variables;
  for (const auto& [name, value] : spec.environment) {
    variables.push_back(name);
    variables.back() += '=';
    variables.back() += value;
  }
  const std::vector<char*> argv = Pointers(arguments);
  const std::vector<char*> environment = Pointers(variables);
  Pipe output = MakePipe(0);
  Pipe errors = MakePipe(0);
  // So that the function can open /dev/stdout, which checks the pipe's owner.
  Check(::fchown(output.write.get(), kSandboxUser, kSandboxGroup), "fchown the output pipe");

  clone_args args{};
  args.flags = CLONE_INTO_CGROUP;
  args.exit_signal = SIGCHLD;
  args.cgroup = static_cast<std::uint64_t>(spec.cgroup);
  const auto pid = static_cast<pid_t>(
      Check(static_cast<int>(::syscall(SYS_clone3, &args, sizeof args)), "clone3"));
  if (pid == 0) {
    RunChild(spec, output.write.get(), errors.write.get(), argv.data(), environment.data());
  }
  errors.write = UniqueFd();
  AwaitExec(pid, errors.read.get());
  Check(::fcntl(output.read.get(), F_SETFL, O_NONBLOCK), "fcntl the output pipe");
  return {pid, std::move(output.read)};
}

}  // namespace ballast
