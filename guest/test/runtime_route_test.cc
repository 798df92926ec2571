#include "runtime_route.h"

#include "check.h"

namespace ballast {
namespace {

void RoutesAreKnown() {
  const std::string base = "/2018-06-01/runtime/";
  CHECK(ParseRuntimeRoute("GET", base + "invocation/next").call == RuntimeCall::kNext);
  CHECK(ParseRuntimeRoute("POST", base + "init/error").call == RuntimeCall::kInitError);
  CHECK(ParseRuntimeRoute("GET", base + "restore/next").call == RuntimeCall::kRestore);
  CHECK(ParseRuntimeRoute("POST", base + "restore/error").call == RuntimeCall::kRestoreError);
  CHECK(ParseRuntimeRoute("GET", "/ballast/start").call == RuntimeCall::kStart);
  CHECK(ParseRuntimeRoute("POST", "/ballast/start").call == RuntimeCall::kUnknown);
  CHECK(ParseRuntimeRoute("POST", base + "restore/next").call == RuntimeCall::kUnknown);
  const RuntimeRoute response = ParseRuntimeRoute("POST", base + "invocation/abc/response");
  CHECK(response.call == RuntimeCall::kResponse && response.request_id == "abc");
  CHECK(ParseRuntimeRoute("POST", base + "invocation/abc/error").call == RuntimeCall::kError);
  for (const char* bad : {"invocation/abc", "invocation//response", "invocation/a/b/response",
                          "invocation/abc/response/", "next", ""}) {
    CHECK(ParseRuntimeRoute("POST", base + bad).call == RuntimeCall::kUnknown);
  }
  CHECK(ParseRuntimeRoute("POST", base + "invocation/next").call == RuntimeCall::kUnknown);
  CHECK(ParseRuntimeRoute("GET", "/").call == RuntimeCall::kUnknown);
}

void ErrorTypesAreFound() {
  CHECK(FindErrorType(R"({"errorMessage":"m","errorType":"TypeError","trace":[]})") == "TypeError");
  CHECK(FindErrorType(R"({"a":{"errorType":"no"},"errorType":"yes"})") == "yes");
  CHECK(FindErrorType(R"({"errorType":{"errorType":"no"}})").empty());
  CHECK(FindErrorType(R"({"errorType":["no"]})").empty());
  CHECK(FindErrorType(R"([{"errorType":"no"}])").empty());
  CHECK(FindErrorType("not JSON").empty());
  CHECK(FindErrorType("").empty());
  CHECK(FindErrorType("{\"errorType\":\"caf\u00e9\"}") == "caf??");
  CHECK(FindErrorType(R"({"errorType":")" + std::string(1000, 'x') + "\"}").size() == 256);
  CHECK(FindErrorType(std::string(1000000, '[')).empty());
}

void NoiseIsSurvived() {
  const std::string json = R"({"errorMessage":"m","errorType":"TypeError","trace":[1,{"a":2}]})";
  const std::string path = "/2018-06-01/runtime/invocation/abc/response";
  for (int round = 0; round < 20000; ++round) {
    CHECK(FindErrorType(Mutate(json)).size() <= 256);
    CHECK(ParseRuntimeRoute("POST", Mutate(path)).request_id.size() <= 128);
  }
}

}  // namespace
}  // namespace ballast

int main() {
  ballast::RoutesAreKnown();
  ballast::ErrorTypesAreFound();
  ballast::NoiseIsSurvived();
}
