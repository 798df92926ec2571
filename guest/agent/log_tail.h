#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace ballast {

constexpr std::size_t kLogTailBytes = 4096;

// The last 4 KiB of an endless text, and how long it was.
class LogTail {
 public:
  struct Taken {
    std::string tail;
    std::uint64_t bytes;
  };

  void Append(std::string_view text);

  // What was written since the last time, and starts anew.
  Taken Take();

 private:
  std::string tail_;
  std::uint64_t bytes_ = 0;
};

}  // namespace ballast
