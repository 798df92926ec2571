#include "outcome.h"

#include <string>

#include "runtime_route.h"

namespace ballast {

Json ExitHead(const RuntimeExit& exit) {
  return {{"exitCode", exit.exit_code ? Json(*exit.exit_code) : Json()},
          {"signal", exit.signal ? Json(*exit.signal) : Json()}};
}

Json ErrorHead(const Posted& posted) {
  std::string type = posted.error_type;
  if (type.empty()) {
    const auto* text = reinterpret_cast<const char*>(posted.body.data());
    type = FindErrorType({text, posted.body.size()});
  }
  return {{"outcome", "error"}, {"errorType", type.empty() ? "Unhandled" : type}};
}

Json OutcomeOf(const Posted& posted) {
  if (posted.TooLarge()) {
    return {{"outcome", "too-large"}, {"responseBytes", posted.body_bytes}};
  }
  const bool answered = posted.call == RuntimeCall::kResponse && posted.error_type.empty();
  return answered ? Json{{"outcome", "response"}} : ErrorHead(posted);
}

}  // namespace ballast
