#include <array>

#include "domain.h"

namespace ballast {

namespace {

// By the tag of the statistic. Sizes are KiB.
constexpr std::array<const char*, VIR_DOMAIN_MEMORY_STAT_NR> kStatNames = {
    "swapInKib",     "swapOutKib", "majorFaults",    "minorFaults", "unusedKib",
    "availableKib",  "balloonKib", "residentKib",    "usableKib",   "lastUpdateSeconds",
    "diskCachesKib", "hugePages",  "hugePagesFailed"};

Record MemoryStats(virDomainPtr domain) {
  std::array<virDomainMemoryStatStruct, VIR_DOMAIN_MEMORY_STAT_NR> raw{};
  const int count = Checked<virDomainMemoryStats>(domain, raw.data(), raw.size(), 0U);
  Record stats;
  for (const char* name : kStatNames) stats.emplace_back(name, nullptr);
  for (int i = 0; i < count; ++i) {
    const auto& stat = raw.at(static_cast<std::size_t>(i));
    const auto tag = static_cast<std::size_t>(stat.tag);
    if (tag < stats.size()) stats[tag].second = Number(stat.val);
  }
  return stats;
}

double MaxMemoryKib(virDomainPtr domain) {
  const unsigned long max_kib = virDomainGetMaxMemory(domain);
  if (max_kib == 0) throw Failure::LastOf("virDomainGetMaxMemory");
  return Number(max_kib);
}

constexpr std::array kMemoryMethods = {
    Wrap<virDomainSetMemoryFlags>("setMemory", {"memoryKib", "flags"}),
    Custom<Domain>("maxMemoryKib", [](Args&) { return MaxMemoryKib; }),
    Custom<Domain>(
        "memoryStats", [](Args&) { return MemoryStats; }, Order::kShare),
    Wrap<virDomainSetMemoryStatsPeriod>("setMemoryStatsPeriod", {"seconds", "flags"}),
    Custom<Domain>("memoryPeek",
                   [](Args& args) {
                     return [start = args.Count("start"), size = args.Size("sizeBytes"),
                             flags = args.Uint("flags")](virDomainPtr domain) {
                       Bytes bytes{std::vector<char>(size)};
                       Checked<virDomainMemoryPeek>(domain, start, size, bytes.data.data(), flags);
                       return bytes;
                     };
                   }),
    Wrap<virDomainStartDirtyRateCalc>("startDirtyRate", {"seconds", "flags"}),
};

}  // namespace

DomainMethods MemoryMethods() { return kMemoryMethods; }

}  // namespace ballast
