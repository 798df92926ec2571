#pragma once

#include "json.h"
#include "runtime_api.h"
#include "runtime_process.h"

namespace ballast {

// Heads of answers, as the protocol has them: how a runtime ended, what it failed with, and what
// its post came to.
Json ExitHead(const RuntimeExit& exit);
Json ErrorHead(const Posted& posted);
Json OutcomeOf(const Posted& posted);

}  // namespace ballast
