#pragma once

#include "cgroup.h"
#include "json.h"

namespace ballast {

// MEMORY of the protocol: the machine's memory and the function's.
Json MemoryReport(const CgroupMemory& cgroup);

}  // namespace ballast
