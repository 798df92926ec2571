#pragma once

#include <napi.h>

#include <span>
#include <vector>

#include "util/method.h"

namespace ballast {

// What a class of the addon's is defined with.
template <class Handle>
using MethodList = std::vector<Napi::ClassPropertyDescriptor<Handle>>;

// Adds a table of methods; `Invoke` finds the one that was called as the data of the callback.
template <auto Invoke, class Handle>
void AddMethods(MethodList<Handle>& list, std::span<const Method<Handle>> methods) {
  for (const auto& method : methods) {
    auto* data = const_cast<Method<Handle>*>(&method);
    list.push_back(Handle::template InstanceMethod<Invoke>(method.name, napi_default, data));
  }
}

}  // namespace ballast
