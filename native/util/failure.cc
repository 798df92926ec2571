#include "util/failure.h"

#include <libvirt/virterror.h>

namespace ballast {

namespace {

const char* KindName(Failure::Kind kind) {
  switch (kind) {
    case Failure::Kind::kLibvirt:
      return "libvirt";
    case Failure::Kind::kClosed:
      return "closed";
    case Failure::Kind::kBusy:
      return "busy";
    case Failure::Kind::kAborted:
      return "aborted";
    case Failure::Kind::kInternal:
      break;
  }
  return "internal";
}

}  // namespace

Failure Failure::LastOf(const char* call) {
  Failure failure(Kind::kLibvirt, "the call failed and libvirt gave no reason");
  failure.call_ = call;
  failure.code_ = VIR_ERR_INTERNAL_ERROR;
  failure.level_ = VIR_ERR_ERROR;
  const virErrorPtr last = virGetLastError();
  if (last != nullptr && last->code != VIR_ERR_OK) {
    failure.code_ = last->code;
    failure.domain_ = last->domain;
    failure.level_ = last->level;
    if (last->message != nullptr) failure.message_ = last->message;
  }
  return failure;
}

Failure Failure::Unsupported(const char* call) {
  Failure failure(Kind::kLibvirt,
                  std::string("this function is not in the libvirt that runs: ") + call);
  failure.call_ = call;
  failure.code_ = VIR_ERR_NO_SUPPORT;
  failure.level_ = VIR_ERR_ERROR;
  return failure;
}

Napi::Error Failure::ToJs(Napi::Env env) const {
  Napi::Error error = Napi::Error::New(env, message_);
  error.Set("kind", Napi::String::New(env, KindName(kind_)));
  if (kind_ == Kind::kLibvirt) {
    error.Set("call", Napi::String::New(env, call_));
    error.Set("code", Napi::Number::New(env, code_));
    error.Set("domain", Napi::Number::New(env, domain_));
    error.Set("level", Napi::Number::New(env, level_));
  }
  return error;
}

}  // namespace ballast
