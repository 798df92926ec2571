// Has OpenSSL's generators in this process take new entropy from the kernel. Node.js draws from
// them as it starts and offers no way to seed them again, so that copies of a process would draw
// alike.
#include <dlfcn.h>
#include <node_api.h>

namespace {

using RandPoll = int (*)();

napi_value Reseed(napi_env env, napi_callback_info /*info*/) {
  // The OpenSSL that Node.js itself uses, whether it is linked in or loaded.
  void* const symbol = ::dlsym(RTLD_DEFAULT, "RAND_poll");
  if (symbol == nullptr || reinterpret_cast<RandPoll>(symbol)() != 1) {
    napi_throw_error(env, nullptr, "OpenSSL could not be seeded anew");
  }
  return nullptr;
}

}  // namespace

NAPI_MODULE_INIT() {
  napi_value reseed = nullptr;
  if (napi_create_function(env, "reseed", NAPI_AUTO_LENGTH, Reseed, nullptr, &reseed) != napi_ok ||
      napi_set_named_property(env, exports, "reseed", reseed) != napi_ok) {
    return nullptr;
  }
  return exports;
}
