#include <array>
#include <string>

#include "domain.h"
#include "util/failure.h"
#include "util/record.h"

namespace ballast {

namespace {

// By the tag of the statistic. Sizes are KiB.
constexpr std::array<const char*, VIR_DOMAIN_MEMORY_STAT_NR> kStatNames = {
    "swapInKib",     "swapOutKib", "majorFaults",    "minorFaults", "unusedKib",
    "availableKib",  "balloonKib", "residentKib",    "usableKib",   "lastUpdateSeconds",
    "diskCachesKib", "hugePages",  "hugePagesFailed"};

}  // namespace

Napi::Value Domain::SetMemory(const Napi::CallbackInfo& info) {
  Args args(info);
  const auto memory_kib = static_cast<unsigned long>(args.Count("memoryKib"));
  const unsigned flags = args.Uint("flags");
  return Call(args, [memory_kib, flags](virDomainPtr domain) {
    Check("virDomainSetMemoryFlags", virDomainSetMemoryFlags(domain, memory_kib, flags));
    return Nothing{};
  });
}

Napi::Value Domain::MemoryStats(const Napi::CallbackInfo& info) {
  Args args(info);
  return Call(args, [](virDomainPtr domain) {
    std::array<virDomainMemoryStatStruct, VIR_DOMAIN_MEMORY_STAT_NR> raw{};
    const int count =
        Check("virDomainMemoryStats", virDomainMemoryStats(domain, raw.data(), raw.size(), 0));
    Record stats;
    for (const char* name : kStatNames) stats.emplace_back(name, nullptr);
    for (int i = 0; i < count; ++i) {
      const auto& stat = raw.at(static_cast<std::size_t>(i));
      const auto tag = static_cast<std::size_t>(stat.tag);
      if (tag < stats.size()) stats[tag].second = static_cast<double>(stat.val);
    }
    return stats;
  });
}

Napi::Value Domain::SetMemoryStatsPeriod(const Napi::CallbackInfo& info) {
  Args args(info);
  const int seconds = args.Int("seconds");
  const unsigned flags = args.Uint("flags");
  return Call(args, [seconds, flags](virDomainPtr domain) {
    Check("virDomainSetMemoryStatsPeriod", virDomainSetMemoryStatsPeriod(domain, seconds, flags));
    return Nothing{};
  });
}

Napi::Value Domain::UpdateDevice(const Napi::CallbackInfo& info) {
  Args args(info);
  auto xml = args.String("xml");
  const unsigned flags = args.Uint("flags");
  return Call(args, [xml = std::move(xml), flags](virDomainPtr domain) {
    Check("virDomainUpdateDeviceFlags", virDomainUpdateDeviceFlags(domain, xml.c_str(), flags));
    return Nothing{};
  });
}

}  // namespace ballast
