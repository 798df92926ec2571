#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace ballast {

// How one runtime is started.
struct RuntimeEntry {
  std::vector<std::string> argv;
  std::map<std::string, std::string> environment;
};

// The runtimes that the image holds, as its builder wrote them down:
// {"runtimes":[{"name","argv":[...],"environment":{...}}]}.
using RuntimeTable = std::map<std::string, RuntimeEntry>;

// Throws std::exception that says what is wrong with it.
RuntimeTable ParseRuntimeTable(std::string_view json);

}  // namespace ballast
