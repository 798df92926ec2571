#pragma once

#include <napi.h>

#include <exception>
#include <string>
#include <type_traits>

namespace ballast {

// What went wrong with a call, as plain data that may cross threads. lib/ rebuilds the error class
// from `kind` and from libvirt's own numbers.
class Failure : public std::exception {
 public:
  enum class Kind { kLibvirt, kClosed, kBusy, kAborted, kInternal };

  Failure(Kind kind, std::string message) : kind_(kind), message_(std::move(message)) {}

  // libvirt's last error of this thread. It is thread-local and the next call overwrites it, so it
  // is copied where the call was made and nowhere else.
  static Failure LastOf(const char* call);
  // The running libvirt has no such function.
  static Failure Unsupported(const char* call);

  [[nodiscard]] const char* what() const noexcept override { return message_.c_str(); }
  [[nodiscard]] Napi::Error ToJs(Napi::Env env) const;

 private:
  Kind kind_;
  std::string message_;
  const char* call_ = "";
  int code_ = 0;
  int domain_ = 0;
  int level_ = 0;
};

// Passes a libvirt result through; a null pointer or a negative number throws the error that the
// call left on this thread.
template <class T>
T Check(const char* call, T result) {
  if constexpr (std::is_pointer_v<T>) {
    if (result == nullptr) throw Failure::LastOf(call);
  } else {
    if (result < 0) throw Failure::LastOf(call);
  }
  return result;
}

}  // namespace ballast
