#include "runtime_environment.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace ballast {
namespace {

bool StartsWithAny(const std::string& name, const std::vector<std::string>& beginnings) {
  return std::any_of(beginnings.begin(), beginnings.end(), [&name](const std::string& beginning) {
    return name.compare(0, beginning.size(), beginning) == 0;
  });
}

}  // namespace

Environment BaseEnvironment(const RuntimeEntry& runtime, std::uint16_t port) {
  Environment environment = runtime.environment;
  environment.insert({{"LANG", "en_US.UTF-8"}, {"TZ", ":UTC"}});
  environment["AWS_LAMBDA_RUNTIME_API"] = "127.0.0.1:" + std::to_string(port);
  return environment;
}

Environment EnvironmentOf(Environment environment, const std::string& handler,
                          const RuntimeEntry& runtime, std::uint16_t port) {
  environment.erase("AWS_LAMBDA_RUNTIME_API");
  environment.merge(BaseEnvironment(runtime, port));
  environment["_HANDLER"] = handler;
  environment["LAMBDA_TASK_ROOT"] = kTaskRoot;
  return environment;
}

bool CanTakeOver(const StartRequest& request, const RuntimeEntry& runtime) {
  if (!runtime.start_variables) {
    return false;
  }
  const std::vector<std::string>& beginnings = *runtime.start_variables;
  return std::none_of(
      request.environment.begin(), request.environment.end(),
      [&beginnings](const auto& variable) { return StartsWithAny(variable.first, beginnings); });
}

}  // namespace ballast
