#pragma once

#include <napi.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "util/unique_fd.h"

namespace ballast {

// Reads the arguments of a call, or the items of an array, from first to last. One that is not what
// its reader expects throws a TypeError or a RangeError that names it.
class Args {
 public:
  explicit Args(const Napi::CallbackInfo& info);

  std::string String(const char* name);
  std::optional<std::string> OptionalString(const char* name);
  bool Bool(const char* name);
  unsigned Uint(const char* name);
  int Int(const char* name);
  std::int64_t Long(const char* name);
  std::uint64_t Count(const char* name);
  // How many NUMA cells to make room for.
  unsigned Cells(const char* name);
  // How many bytes to make room for.
  std::size_t Size(const char* name);
  double Double(const char* name);
  Napi::Function Function(const char* name);
  std::vector<char> Bytes(const char* name);
  // Copies of file descriptors, so that the caller may close its own at once.
  UniqueFd File(const char* name);
  std::vector<UniqueFd> Files(const char* name);
  std::vector<std::string> Strings(const char* name);
  std::vector<unsigned> Uints(const char* name);
  // The bits of processors, from their numbers.
  std::vector<unsigned char> CpuMap(const char* name);
  // A reader for each item of an array, of which each is an array again.
  std::vector<Args> List(const char* name);

  // The call of a method with the arguments that were read, which are plain: the same text where it
  // is called alike.
  [[nodiscard]] std::string Describe(const char* method) const;

  // The next argument as it is; undefined past the last.
  Napi::Value Next();
  [[nodiscard]] Napi::Env Env() const { return env_; }

 private:
  explicit Args(const Napi::Array& array);

  double Integer(const char* name, double least, double most);
  // A reader for the items of the next argument.
  Args Items(const char* name, const char* wanted);
  [[nodiscard]] bool AtEnd() const { return at_ >= values_.size(); }
  [[noreturn]] void Refuse(const char* name, const char* wanted) const;

  Napi::Env env_;
  std::vector<Napi::Value> values_;
  std::size_t at_ = 0;
};

}  // namespace ballast
