#include "util/args.h"

#include <fcntl.h>

#include <cerrno>
#include <cmath>
#include <limits>
#include <system_error>

namespace ballast {

namespace {

constexpr double kMaxSafeInteger = 9007199254740991.0;
constexpr double kMaxFd = std::numeric_limits<int>::max();

}  // namespace

void Args::Refuse(const char* name, const char* wanted) const {
  throw Napi::TypeError::New(info_.Env(), std::string(name) + " must be " + wanted);
}

std::string Args::String(const char* name) {
  const Napi::Value value = Next();
  if (!value.IsString()) Refuse(name, "a string");
  std::string text = value.As<Napi::String>();
  // libvirt takes C strings: it would silently see only the part before the NUL.
  if (text.find('\0') != std::string::npos) Refuse(name, "a string without NUL characters");
  return text;
}

std::optional<std::string> Args::OptionalString(const char* name) {
  const Napi::Value value = info_[at_];
  if (!value.IsNull() && !value.IsUndefined()) return String(name);
  ++at_;
  return std::nullopt;
}

bool Args::Bool(const char* name) {
  const Napi::Value value = Next();
  if (!value.IsBoolean()) Refuse(name, "a boolean");
  return value.As<Napi::Boolean>();
}

double Args::Integer(const char* name, double least, double most) {
  const Napi::Value value = Next();
  if (!value.IsNumber()) Refuse(name, "a number");
  const double number = value.As<Napi::Number>().DoubleValue();
  if (!(number >= least && number <= most) || std::trunc(number) != number) {
    const std::string range = std::to_string(static_cast<std::int64_t>(least)) + " to " +
                              std::to_string(static_cast<std::int64_t>(most));
    const std::string given = value.ToString();
    throw Napi::RangeError::New(info_.Env(), std::string(name) + " must be a whole number from " +
                                                 range + ", not " + given);
  }
  return number;
}

unsigned Args::Uint(const char* name) {
  return static_cast<unsigned>(Integer(name, 0, std::numeric_limits<unsigned>::max()));
}

int Args::Int(const char* name) {
  return static_cast<int>(
      Integer(name, std::numeric_limits<int>::min(), std::numeric_limits<int>::max()));
}

std::uint64_t Args::Count(const char* name) {
  return static_cast<std::uint64_t>(Integer(name, 0, kMaxSafeInteger));
}

Napi::Function Args::Function(const char* name) {
  const Napi::Value value = Next();
  if (!value.IsFunction()) Refuse(name, "a function");
  return value.As<Napi::Function>();
}

std::vector<UniqueFd> Args::Files(const char* name) {
  const Napi::Value value = Next();
  if (!value.IsArray()) Refuse(name, "an array of file descriptors");
  const auto array = value.As<Napi::Array>();
  std::vector<UniqueFd> files;
  for (std::uint32_t i = 0; i < array.Length(); ++i) {
    const Napi::Value item = array[i];
    const double number = item.IsNumber() ? item.As<Napi::Number>().DoubleValue() : -1;
    if (!(number >= 0 && number <= kMaxFd) || std::trunc(number) != number) {
      Refuse(name, "an array of file descriptors");
    }
    const int fd = static_cast<int>(number);
    const int copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    if (copy < 0) {
      throw Napi::RangeError::New(info_.Env(), std::string(name) + " holds " + std::to_string(fd) +
                                                   ", which is not an open file: " +
                                                   std::generic_category().message(errno));
    }
    files.emplace_back(copy);
  }
  return files;
}

}  // namespace ballast
