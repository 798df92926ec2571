#pragma once

#include <cstdint>
#include <vector>

namespace ballast {

using Bytes = std::vector<std::uint8_t>;

}  // namespace ballast
