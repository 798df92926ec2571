#pragma once

#include <cstdint>

#include "cgroup.h"
#include "scratch.h"

namespace ballast {

// Has a function that stands still use no more than so many bytes, as far as what it holds can be
// freed, and as many free as its limit gives up. Returns what it uses then.
std::uint64_t FreeMemory(Cgroup& cgroup, const Scratch& scratch, std::uint64_t target_bytes);

}  // namespace ballast
