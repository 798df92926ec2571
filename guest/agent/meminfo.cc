#include "meminfo.h"

#include <string>

#include "keyed_file.h"
#include "posix.h"

namespace ballast {
namespace {

constexpr std::uint64_t kBytesPerKib = 1024;

}  // namespace

Meminfo ParseMeminfo(std::string_view text) {
  return {KeyedNumber(text, "MemTotal:") * kBytesPerKib,
          KeyedNumber(text, "MemFree:") * kBytesPerKib,
          KeyedNumber(text, "MemAvailable:") * kBytesPerKib};
}

Meminfo ReadMeminfo() { return ParseMeminfo(ReadFile("/proc/meminfo")); }

}  // namespace ballast
