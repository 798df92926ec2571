#pragma once

#include <napi.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "util/unique_fd.h"

namespace ballast {

// Reads the arguments of a call from first to last. One that is not what its reader expects throws
// a TypeError or a RangeError that names it.
class Args {
 public:
  explicit Args(const Napi::CallbackInfo& info) : info_(info) {}

  std::string String(const char* name);
  std::optional<std::string> OptionalString(const char* name);
  bool Bool(const char* name);
  unsigned Uint(const char* name);
  int Int(const char* name);
  std::uint64_t Count(const char* name);
  Napi::Function Function(const char* name);
  // Copies of the file descriptors, so that the caller may close its own at once.
  std::vector<UniqueFd> Files(const char* name);
  // The next argument as it is; undefined past the last.
  Napi::Value Next() { return info_[at_++]; }
  [[nodiscard]] Napi::Env Env() const { return info_.Env(); }

 private:
  double Integer(const char* name, double least, double most);
  [[noreturn]] void Refuse(const char* name, const char* wanted) const;

  const Napi::CallbackInfo& info_;
  std::size_t at_ = 0;
};

}  // namespace ballast
