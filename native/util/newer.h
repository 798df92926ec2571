#pragma once

#include <dlfcn.h>

#include <string>

#include "util/failure.h"

namespace ballast {

// Calls a function that the oldest supported libvirt (9.0) does not have. It is looked up when it
// is called, so that the addon loads without it; then the call fails with NO_SUPPORT. For the same
// reason its signature is written down where it is called: the installed header may lack it.
template <class Signature, class... A>
auto CheckedNewer(const char* call, A... args) {
  auto* const function = reinterpret_cast<Signature*>(dlsym(RTLD_DEFAULT, call));
  if (function == nullptr) throw Failure::Unsupported(call);
  return Check(call, function(args...));
}

}  // namespace ballast
