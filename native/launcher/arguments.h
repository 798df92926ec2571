#pragma once

#include <string>
#include <vector>

#include "ram_file.h"

namespace ballast {

// QEMU's arguments with the boot memory in the file. Throws std::runtime_error where they are not
// of the form that is known, so that no guest runs with other memory than it was meant to have.
std::vector<std::string> WithRamFile(std::vector<std::string> arguments, const RamFile& ram);

}  // namespace ballast
