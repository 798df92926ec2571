#include "util/args.h"

#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <limits>
#include <system_error>

namespace ballast {

namespace {

constexpr double kMaxSafeInteger = 9007199254740991.0;
// Above what libvirt carries in one message.
constexpr double kMaxSize = 64.0 * 1024 * 1024;
// As many as the kernel can be built for.
constexpr double kMaxCells = 1024;
// Far above what libvirt counts (its own bound is 16384), and a bitmap of 8 KiB.
constexpr unsigned kMaxCpu = 65535;

}  // namespace

Args::Args(const Napi::CallbackInfo& info) : env_(info.Env()) {
  values_.reserve(info.Length());
  for (std::size_t i = 0; i < info.Length(); ++i) values_.push_back(info[i]);
}

Args::Args(const Napi::Array& array) : env_(array.Env()) {
  values_.reserve(array.Length());
  for (std::uint32_t i = 0; i < array.Length(); ++i) values_.push_back(array.Get(i));
}

std::string Args::Describe(const char* method) const {
  std::string text = method;
  for (std::size_t i = 0; i < std::min(at_, values_.size()); ++i) {
    text += '\0';
    text += values_[i].ToString().Utf8Value();
  }
  return text;
}

Napi::Value Args::Next() { return at_ < values_.size() ? values_[at_++] : env_.Undefined(); }

void Args::Refuse(const char* name, const char* wanted) const {
  throw Napi::TypeError::New(env_, std::string(name) + " must be " + wanted);
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
  const bool given = !AtEnd() && !values_[at_].IsNull() && !values_[at_].IsUndefined();
  if (given) return String(name);
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
    throw Napi::RangeError::New(
        env_, std::string(name) + " must be a whole number from " + range + ", not " + given);
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

std::int64_t Args::Long(const char* name) {
  return static_cast<std::int64_t>(Integer(name, -kMaxSafeInteger, kMaxSafeInteger));
}

unsigned Args::Cells(const char* name) {
  return static_cast<unsigned>(Integer(name, 1, kMaxCells));
}

std::size_t Args::Size(const char* name) {
  return static_cast<std::size_t>(Integer(name, 0, kMaxSize));
}

double Args::Double(const char* name) {
  const Napi::Value value = Next();
  if (!value.IsNumber()) Refuse(name, "a number");
  return value.As<Napi::Number>().DoubleValue();
}

Napi::Function Args::Function(const char* name) {
  const Napi::Value value = Next();
  if (!value.IsFunction()) Refuse(name, "a function");
  return value.As<Napi::Function>();
}

std::vector<char> Args::Bytes(const char* name) {
  const Napi::Value value = Next();
  if (!value.IsBuffer()) Refuse(name, "a Buffer");
  const auto buffer = value.As<Napi::Buffer<char>>();
  return {buffer.Data(), buffer.Data() + buffer.Length()};
}

Args Args::Items(const char* name, const char* wanted) {
  const Napi::Value value = Next();
  if (!value.IsArray()) Refuse(name, wanted);
  return Args(value.As<Napi::Array>());
}

UniqueFd Args::File(const char* name) {
  const int fd = Int(name);
  const int copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);
  if (copy >= 0) return UniqueFd(copy);
  throw Napi::RangeError::New(
      env_, std::string(name) + " holds " + std::to_string(fd) +
                ", which is not an open file: " + std::generic_category().message(errno));
}

std::vector<UniqueFd> Args::Files(const char* name) {
  std::vector<UniqueFd> files;
  Args items = Items(name, "an array of file descriptors");
  while (!items.AtEnd()) files.push_back(items.File(name));
  return files;
}

std::vector<std::string> Args::Strings(const char* name) {
  std::vector<std::string> strings;
  Args items = Items(name, "an array of strings");
  while (!items.AtEnd()) strings.push_back(items.String(name));
  return strings;
}

std::vector<unsigned> Args::Uints(const char* name) {
  std::vector<unsigned> numbers;
  Args items = Items(name, "an array of numbers");
  while (!items.AtEnd()) numbers.push_back(items.Uint(name));
  return numbers;
}

std::vector<unsigned char> Args::CpuMap(const char* name) {
  std::vector<unsigned char> map;
  Args items = Items(name, "an array of processor numbers");
  while (!items.AtEnd()) {
    const auto cpu = static_cast<std::size_t>(items.Integer(name, 0, kMaxCpu));
    if (map.size() <= cpu / 8) map.resize(cpu / 8 + 1);
    map[cpu / 8] = static_cast<unsigned char>(map[cpu / 8] | (1U << (cpu % 8)));
  }
  return map;
}

std::vector<Args> Args::List(const char* name) {
  std::vector<Args> lists;
  Args items = Items(name, "an array");
  while (!items.AtEnd()) lists.push_back(items.Items(name, "an array of arrays"));
  return lists;
}

}  // namespace ballast
