#pragma once

#include <string>
#include <string_view>

namespace ballast {

// What a runtime asks of the Runtime API.
//
// kStart is no call of Lambda's: a runtime that was started without a function waits for one.
enum class RuntimeCall {
  kStart,
  kNext,
  kRestore,
  kResponse,
  kError,
  kInitError,
  kRestoreError,
  kUnknown
};

struct RuntimeRoute {
  RuntimeCall call = RuntimeCall::kUnknown;
  // Of the invocation, where the path names one.
  std::string request_id;
};

RuntimeRoute ParseRuntimeRoute(std::string_view method, std::string_view target);

// The string `errorType` at the top level of a JSON object, or empty. The JSON is hostile: it is
// scanned, never built.
std::string FindErrorType(std::string_view json);

// An error type as a report may hold it: printable ASCII, at most 256 characters.
std::string CleanErrorType(std::string_view raw);

}  // namespace ballast
