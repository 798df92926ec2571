#pragma once

#include <napi.h>

namespace ballast {

// Makes an object of one of the addon's classes from native data. JavaScript cannot do the same:
// it has no way to make the External.
template <class Init>
Napi::Object Construct(Napi::Env env, const Napi::FunctionReference& constructor, Init& init) {
  return constructor.New({Napi::External<Init>::New(env, &init)});
}

// The data that Construct passed, moved out.
template <class Init>
Init TakeInit(const Napi::CallbackInfo& info) {
  if (!info[0].IsExternal()) {
    throw Napi::TypeError::New(info.Env(), "objects of this class are made by the addon alone");
  }
  return std::move(*info[0].As<Napi::External<Init>>().Data());
}

}  // namespace ballast
