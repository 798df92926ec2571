#pragma once

#include <cstdint>
#include <string_view>

namespace ballast {

// The number behind `key` at the start of a line, as in /proc/meminfo and memory.events. 0 where
// the kernel does not tell it.
std::uint64_t KeyedNumber(std::string_view text, std::string_view key);

}  // namespace ballast
