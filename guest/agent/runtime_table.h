#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ballast {

// How one runtime is started.
struct RuntimeEntry {
  std::vector<std::string> argv;
  std::map<std::string, std::string> environment;
  // Files that every function of the runtime reads: see Preload.
  std::vector<std::string> preload;
  // Set where the runtime can be started before its function is known: the beginnings of the names
  // of environment variables that only a process which starts with them heeds.
  std::optional<std::vector<std::string>> start_variables;
};

// The runtimes that the image holds, as its builder wrote them down:
// {"runtimes":[{"name","argv":[...],"environment":{...},"preload":[...],"startVariables"?:[...]}]}.
using RuntimeTable = std::map<std::string, RuntimeEntry>;

// Throws std::exception that says what is wrong with it.
RuntimeTable ParseRuntimeTable(std::string_view json);

}  // namespace ballast
