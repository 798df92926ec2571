#include "util/record.h"

namespace ballast {

namespace {

struct Converter {
  Napi::Env env;
  Napi::Value operator()(std::nullptr_t) const { return env.Null(); }
  Napi::Value operator()(BigCount count) const { return Napi::BigInt::New(env, count.value); }
  Napi::Value operator()(bool value) const { return Napi::Boolean::New(env, value); }
  Napi::Value operator()(double value) const { return Napi::Number::New(env, value); }
  Napi::Value operator()(const std::string& value) const { return Napi::String::New(env, value); }
};

}  // namespace

Napi::Value ToJs(Napi::Env env, Nothing) { return env.Undefined(); }
Napi::Value ToJs(Napi::Env env, bool value) { return Napi::Boolean::New(env, value); }
Napi::Value ToJs(Napi::Env env, double value) { return Napi::Number::New(env, value); }
Napi::Value ToJs(Napi::Env env, const std::string& value) { return Napi::String::New(env, value); }
Napi::Value ToJs(Napi::Env env, const Value& value) { return std::visit(Converter{env}, value); }

Napi::Object ToJs(Napi::Env env, const Record& record) {
  Napi::Object object = Napi::Object::New(env);
  for (const auto& [name, value] : record) object.Set(name, ToJs(env, value));
  return object;
}

}  // namespace ballast
