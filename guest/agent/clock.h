#pragma once

#include <cstdint>

namespace ballast {

// Sets the system's clock when it is off by more than 20 ms. Milliseconds since the epoch.
void SetClock(std::uint64_t now_ms);

// Since the machine started.
std::uint64_t UptimeMs();

}  // namespace ballast
