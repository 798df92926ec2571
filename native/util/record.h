#pragma once

#include <napi.h>

#include <cstdint>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace ballast {

// A count that may pass 2^53; it becomes a BigInt.
struct BigCount {
  std::uint64_t value;
};

struct Value;

// Named plain data on its way to JavaScript.
using Record = std::vector<std::pair<std::string, Value>>;

using Strings = std::vector<std::string>;
using Numbers = std::vector<double>;

// Absent is null, as everywhere between native/ and lib/.
struct Value : std::variant<std::nullptr_t, bool, double, std::string, BigCount, Strings, Numbers,
                            Record, std::vector<Record>> {
  using variant::variant;
};

// What a call that only succeeds or fails gives.
struct Nothing {};

// Becomes a Buffer.
struct Bytes {
  std::vector<char> data;
};

// An integer of libvirt's as the number that JavaScript has for it.
template <class T>
double Number(T value) {
  static_assert(std::is_arithmetic_v<T> || std::is_enum_v<T>);
  return static_cast<double>(value);
}

// A C string, which may be missing.
Value Text(const char* text);

// The numbers that follow from a result which is negative where nothing is known.
template <class T>
Value KnownNumber(T value) {
  return value < 0 ? Value(nullptr) : Value(Number(value));
}

Napi::Value ToJs(Napi::Env env, Nothing nothing);
Napi::Value ToJs(Napi::Env env, bool value);
Napi::Value ToJs(Napi::Env env, double value);
Napi::Value ToJs(Napi::Env env, const std::string& value);
Napi::Value ToJs(Napi::Env env, const Bytes& bytes);
Napi::Value ToJs(Napi::Env env, const Value& value);
Napi::Object ToJs(Napi::Env env, const Record& record);

template <class T>
Napi::Value ToJs(Napi::Env env, const std::optional<T>& value) {
  return value ? ToJs(env, *value) : env.Null();
}

template <class T>
Napi::Value ToJs(Napi::Env env, const std::vector<T>& list) {
  auto array = Napi::Array::New(env, list.size());
  std::uint32_t index = 0;
  for (const auto& item : list) array[index++] = ToJs(env, item);
  return array;
}

}  // namespace ballast
