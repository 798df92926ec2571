#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace ballast {

using Json = nlohmann::json;

// Whatever strings came from a runtime: the text is UTF-8.
inline std::string Dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace ballast
