#pragma once

#include <cstdint>
#include <string_view>

namespace ballast {

struct Meminfo {
  std::uint64_t total_bytes = 0;
  std::uint64_t free_bytes = 0;
  std::uint64_t available_bytes = 0;
};

Meminfo ParseMeminfo(std::string_view text);

Meminfo ReadMeminfo();

}  // namespace ballast
