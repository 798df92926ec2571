#include "arguments.h"

#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string_view>

namespace ballast {
namespace {

using Json = nlohmann::json;

// As libvirt names the boot memory of the first NUMA cell.
constexpr std::string_view kBootMemory = "ram-node0";
constexpr std::string_view kPlain = "memory-backend-ram";

// Null where the argument is no object in JSON.
Json ObjectIn(const std::string& argument) {
  Json json = Json::parse(argument, nullptr, false);
  return json.is_object() ? json : Json();
}

bool IsBootMemory(const Json& object) {
  const auto id = object.find("id");
  return id != object.end() && *id == kBootMemory;
}

std::string InFile(const Json& object, const RamFile& ram) {
  if (object.value("qom-type", "") != kPlain) {
    throw std::runtime_error("the object ram-node0 is no memory-backend-ram: " + object.dump());
  }
  for (const auto& [name, value] : object.items()) {
    if (name != "qom-type" && name != "id" && name != "size") {
      throw std::runtime_error("the object ram-node0 has the unknown property " + name);
    }
  }
  const auto size = object.find("size");
  if (size == object.end() || !size->is_number_unsigned()) {
    throw std::runtime_error("the object ram-node0 has no size: " + object.dump());
  }
  return Json{{"qom-type", "memory-backend-file"},
              {"id", kBootMemory},
              {"size", *size},
              {"mem-path", ram.path},
              {"share", ram.share}}
      .dump();
}

}  // namespace

std::vector<std::string> WithRamFile(std::vector<std::string> arguments, const RamFile& ram) {
  std::size_t found = 0;
  for (std::size_t at = 1; at < arguments.size(); ++at) {
    if (arguments[at - 1] != "-object") {
      continue;
    }
    const Json object = ObjectIn(arguments[at]);
    if (IsBootMemory(object)) {
      arguments[at] = InFile(object, ram);
      ++found;
    }
  }
  if (found != 1) {
    throw std::runtime_error("the object ram-node0 is there " + std::to_string(found) +
                             " times, it must be there once");
  }
  return arguments;
}

}  // namespace ballast
