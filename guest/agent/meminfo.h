#pragma once

#include <cstdint>
#include <string_view>

namespace ballast {

// Left free for the kernel by whatever takes memory away: it must not come to kill anybody.
constexpr std::uint64_t kKernelSpareBytes = 32ULL << 20U;

struct Meminfo {
  std::uint64_t total_bytes = 0;
  std::uint64_t free_bytes = 0;
  std::uint64_t available_bytes = 0;
};

Meminfo ParseMeminfo(std::string_view text);

Meminfo ReadMeminfo();

}  // namespace ballast
