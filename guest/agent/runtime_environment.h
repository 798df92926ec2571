#pragma once

#include <cstdint>
#include <string>

#include "process.h"
#include "request.h"
#include "runtime_table.h"

namespace ballast {

// Where the function's code lies.
constexpr const char* kTaskRoot = "/var/task";

// What every process of the runtime starts with.
Environment BaseEnvironment(const RuntimeEntry& runtime, std::uint16_t port);

// What the function's environment says and what only the guest knows, which wins.
Environment EnvironmentOf(Environment environment, const std::string& handler,
                          const RuntimeEntry& runtime, std::uint16_t port);

// Whether a runtime that waits for its function can serve this one as well as a new one would.
bool CanTakeOver(const StartRequest& request, const RuntimeEntry& runtime);

}  // namespace ballast
