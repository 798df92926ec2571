#include "ram_file.h"

#include <regex>
#include <stdexcept>

namespace ballast {
namespace {

// As `ballast-ram` prints it.
const char* const kSealedCopy = "/proc/[1-9][0-9]*/fd/[0-9]+";

bool IsPlainPath(const std::string& path) {
  return path.front() == '/' && (path + '/').find("/../") == std::string::npos;
}

}  // namespace

RamFile ParseRamFile(const std::string& path, const std::string& share) {
  if (share != "on" && share != "off") {
    throw std::invalid_argument("BALLAST_RAM_SHARE is '" + share + "', it must be on or off");
  }
  const bool is_shared = share == "on";
  if (path.empty() || !IsPlainPath(path)) {
    throw std::invalid_argument("BALLAST_RAM_PATH is '" + path +
                                "', it must be an absolute path without '..'");
  }
  // A file with a name could be changed behind the backs of all that map it.
  if (!is_shared && !std::regex_match(path, std::regex(kSealedCopy))) {
    throw std::invalid_argument("BALLAST_RAM_PATH is '" + path +
                                "', it must be a sealed copy, /proc/PID/fd/N, unless it is shared");
  }
  return {path, is_shared};
}

}  // namespace ballast
