#include "util/cpu_map.h"

#include "util/call_name.h"

namespace ballast {

Numbers CpusOf(const unsigned char* map, int length) {
  Numbers cpus;
  for (int cpu = 0; cpu < length * 8; ++cpu) {
    if (((map[cpu / 8] >> (cpu % 8)) & 1) != 0) cpus.push_back(cpu);
  }
  return cpus;
}

CpuMaps::CpuMaps(virConnectPtr connection, std::size_t count)
    : length_((Checked<virNodeGetCPUMap>(connection, nullptr, nullptr, 0U) + 7) / 8),
      bytes_(count * static_cast<std::size_t>(length_)) {}

Numbers CpuMaps::CpusOf(int index) const {
  return ballast::CpusOf(bytes_.data() + static_cast<std::size_t>(index * length_), length_);
}

}  // namespace ballast
