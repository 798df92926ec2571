#pragma once

#include <optional>
#include <string>

namespace ballast {

// The device node of the virtio disk with this serial, once the kernel has found it.
std::optional<std::string> FindDisk(const std::string& serial);

}  // namespace ballast
