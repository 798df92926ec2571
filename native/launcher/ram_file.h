#pragma once

#include <string>

namespace ballast {

// The file that a guest's boot memory is mapped from.
struct RamFile {
  std::string path;
  // Writes reach the file: of a template that is being made. Else each VM has its own copy.
  bool share = false;
};

// Checks what the environment says. Throws std::invalid_argument that names the variable, its value
// and what is allowed.
RamFile ParseRamFile(const std::string& path, const std::string& share);

}  // namespace ballast
