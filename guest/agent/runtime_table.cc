#include "runtime_table.h"

#include <nlohmann/json.hpp>
#include <stdexcept>

namespace ballast {

RuntimeTable ParseRuntimeTable(std::string_view json) {
  RuntimeTable table;
  const nlohmann::json parsed = nlohmann::json::parse(json);
  for (const auto& runtime : parsed.at("runtimes")) {
    RuntimeEntry entry;
    runtime.at("argv").get_to(entry.argv);
    runtime.at("environment").get_to(entry.environment);
    runtime.at("preload").get_to(entry.preload);
    if (runtime.contains("startVariables")) {
      entry.start_variables = runtime.at("startVariables").get<std::vector<std::string>>();
    }
    const auto name = runtime.at("name").get<std::string>();
    if (entry.argv.empty()) {
      throw std::runtime_error("the runtime " + name + " has an empty argv");
    }
    table.emplace(name, std::move(entry));
  }
  return table;
}

}  // namespace ballast
