#pragma once

#include <napi.h>

#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace ballast {

// A count that may pass 2^53; it becomes a BigInt.
struct BigCount {
  std::uint64_t value;
};

// Absent is null, as everywhere between native/ and lib/.
using Value = std::variant<std::nullptr_t, bool, double, std::string, BigCount>;

// Named plain data on its way to JavaScript.
using Record = std::vector<std::pair<const char*, Value>>;

// What a call that only succeeds or fails gives.
struct Nothing {};

Napi::Value ToJs(Napi::Env env, Nothing nothing);
Napi::Value ToJs(Napi::Env env, bool value);
Napi::Value ToJs(Napi::Env env, double value);
Napi::Value ToJs(Napi::Env env, const std::string& value);
Napi::Value ToJs(Napi::Env env, const Value& value);
Napi::Object ToJs(Napi::Env env, const Record& record);

}  // namespace ballast
