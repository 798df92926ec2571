#include "runtime_route.h"

#include <nlohmann/json.hpp>

namespace ballast {
namespace {

constexpr std::string_view kPrefix = "/2018-06-01/runtime/";
constexpr std::string_view kStart = "/ballast/start";
constexpr std::string_view kInvocation = "invocation/";
constexpr std::size_t kMaxRequestId = 128;
constexpr std::size_t kMaxErrorType = 256;

bool StartsWith(std::string_view text, std::string_view prefix) {
  return text.substr(0, prefix.size()) == prefix;
}

// Stops at the first top-level `errorType`, or when the object is over.
class ErrorTypeScan : public nlohmann::json_sax<nlohmann::json> {
 public:
  std::string found;

  bool null() override { return true; }
  bool boolean(bool /*value*/) override { return true; }
  bool number_integer(number_integer_t /*value*/) override { return true; }
  bool number_unsigned(number_unsigned_t /*value*/) override { return true; }
  bool number_float(number_float_t /*value*/, const string_t& /*text*/) override { return true; }
  bool string(string_t& value) override {
    if (depth_ == 1 && wanted_) {
      found = value;
      return false;
    }
    return true;
  }
  bool binary(binary_t& /*value*/) override { return true; }
  bool start_object(std::size_t /*elements*/) override { return ++depth_ > 0; }
  bool key(string_t& name) override {
    wanted_ = depth_ == 1 && name == "errorType";
    return true;
  }
  bool end_object() override { return --depth_ > 0; }
  bool start_array(std::size_t /*elements*/) override { return ++depth_ > 1; }
  bool end_array() override { return --depth_ > 0; }
  bool parse_error(std::size_t /*position*/, const std::string& /*token*/,
                   const nlohmann::detail::exception& /*error*/) override {
    return false;
  }

 private:
  std::size_t depth_ = 0;
  bool wanted_ = false;
};

}  // namespace

RuntimeRoute ParseRuntimeRoute(std::string_view method, std::string_view target) {
  if (method == "GET" && target == kStart) {
    return {RuntimeCall::kStart, {}};
  }
  if (!StartsWith(target, kPrefix)) {
    return {};
  }
  target.remove_prefix(kPrefix.size());
  if (method == "GET" && target == "invocation/next") {
    return {RuntimeCall::kNext, {}};
  }
  if (method == "GET" && target == "restore/next") {
    return {RuntimeCall::kRestore, {}};
  }
  if (method != "POST") {
    return {};
  }
  if (target == "init/error") {
    return {RuntimeCall::kInitError, {}};
  }
  if (target == "restore/error") {
    return {RuntimeCall::kRestoreError, {}};
  }
  if (!StartsWith(target, kInvocation)) {
    return {};
  }
  target.remove_prefix(kInvocation.size());
  const std::size_t slash = target.find('/');
  if (slash == std::string_view::npos || slash == 0 || slash > kMaxRequestId) {
    return {};
  }
  const std::string_view what = target.substr(slash);
  std::string request_id(target.substr(0, slash));
  if (what == "/response") {
    return {RuntimeCall::kResponse, std::move(request_id)};
  }
  if (what == "/error") {
    return {RuntimeCall::kError, std::move(request_id)};
  }
  return {};
}

std::string FindErrorType(std::string_view json) {
  ErrorTypeScan scan;
  nlohmann::json::sax_parse(json.begin(), json.end(), &scan);
  return CleanErrorType(scan.found);
}

std::string CleanErrorType(std::string_view raw) {
  std::string clean;
  for (const char character : raw.substr(0, kMaxErrorType)) {
    clean += character >= ' ' && character <= '~' ? character : '?';
  }
  return clean;
}

}  // namespace ballast
