#pragma once

#include <optional>
#include <string>

namespace ballast {

// The disk with the function's code. False while the kernel has not found it.
class Code {
 public:
  bool Find();

  // Mounts it, unless that is done.
  bool Mount();

 private:
  std::optional<std::string> device_;
  bool is_mounted_ = false;
};

}  // namespace ballast
