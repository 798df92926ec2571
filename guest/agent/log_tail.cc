#include "log_tail.h"

#include <utility>

namespace ballast {

void LogTail::Append(std::string_view text) {
  bytes_ += text.size();
  if (text.size() > kLogTailBytes) {
    text.remove_prefix(text.size() - kLogTailBytes);
  }
  tail_ += text;
  if (tail_.size() > kLogTailBytes) {
    tail_.erase(0, tail_.size() - kLogTailBytes);
  }
}

LogTail::Taken LogTail::Take() { return {std::exchange(tail_, {}), std::exchange(bytes_, 0)}; }

}  // namespace ballast
