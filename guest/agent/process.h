#pragma once

#include <sys/types.h>

#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include "posix.h"

namespace ballast {

// The user that functions run as. The image's /etc/passwd names it.
constexpr uid_t kSandboxUser = 1000;
constexpr gid_t kSandboxGroup = 1000;

using Environment = std::map<std::string, std::string>;

struct ProcessSpec {
  std::vector<std::string> argv;
  Environment environment;
  std::string directory;
  int cgroup = -1;
};

struct Process {
  pid_t pid = -1;
  // Both of its outputs, non-blocking, in the order in which they were written.
  UniqueFd output;
};

// The program cannot be executed.
class ExecError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Starts an unprivileged process inside the cgroup: not for one instruction does it run outside.
// Throws ExecError, or std::system_error where there is nothing left to start it with.
Process Spawn(const ProcessSpec& spec);

}  // namespace ballast
