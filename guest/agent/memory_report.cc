#include "memory_report.h"

#include "meminfo.h"

namespace ballast {

Json MemoryReport(const CgroupMemory& cgroup) {
  const Meminfo machine = ReadMeminfo();
  return {{"totalBytes", machine.total_bytes},
          {"freeBytes", machine.free_bytes},
          {"availableBytes", machine.available_bytes},
          {"limitBytes", cgroup.limit_bytes ? Json(*cgroup.limit_bytes) : Json()},
          {"currentBytes", cgroup.current_bytes},
          {"peakBytes", cgroup.peak_bytes},
          {"oomKills", cgroup.oom_kills}};
}

}  // namespace ballast
