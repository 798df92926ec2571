#include "util/record.h"

namespace ballast {

namespace {

struct Converter {
  Napi::Env env;
  Napi::Value operator()(std::nullptr_t) const { return env.Null(); }
  Napi::Value operator()(BigCount count) const { return Napi::BigInt::New(env, count.value); }
  template <class T>
  Napi::Value operator()(const T& value) const {
    return ballast::ToJs(env, value);
  }
};

}  // namespace

Value Text(const char* text) { return text == nullptr ? Value(nullptr) : Value(std::string(text)); }

Napi::Value ToJs(Napi::Env env, Nothing) { return env.Undefined(); }
Napi::Value ToJs(Napi::Env env, bool value) { return Napi::Boolean::New(env, value); }
Napi::Value ToJs(Napi::Env env, double value) { return Napi::Number::New(env, value); }
Napi::Value ToJs(Napi::Env env, const std::string& value) { return Napi::String::New(env, value); }

Napi::Value ToJs(Napi::Env env, const Bytes& bytes) {
  return Napi::Buffer<char>::Copy(env, bytes.data.data(), bytes.data.size());
}

Napi::Value ToJs(Napi::Env env, const Value& value) { return std::visit(Converter{env}, value); }

Napi::Object ToJs(Napi::Env env, const Record& record) {
  Napi::Object object = Napi::Object::New(env);
  for (const auto& [name, value] : record) object.Set(name, ToJs(env, value));
  return object;
}

}  // namespace ballast
