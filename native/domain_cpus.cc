#include <array>
#include <memory>

#include "domain.h"
#include "util/cpu_map.h"

namespace ballast {

namespace {

std::vector<Record> Vcpus(virDomainPtr domain) {
  virDomainInfo domain_info{};
  Checked<virDomainGetInfo>(domain, &domain_info);
  CpuMaps maps(virDomainGetConnect(domain), domain_info.nrVirtCpu);
  std::vector<virVcpuInfo> raw(domain_info.nrVirtCpu);
  const int count = Checked<virDomainGetVcpus>(domain, raw.data(), static_cast<int>(raw.size()),
                                               maps.data(), maps.length());
  std::vector<Record> vcpus;
  for (int i = 0; i < count; ++i) {
    const auto& vcpu = raw[static_cast<std::size_t>(i)];
    vcpus.push_back({{"number", Number(vcpu.number)},
                     {"state", Number(vcpu.state)},
                     {"cpuTimeNs", BigCount{vcpu.cpuTime}},
                     {"cpu", KnownNumber(vcpu.cpu)},
                     {"affinity", maps.CpusOf(i)}});
  }
  return vcpus;
}

std::vector<Numbers> VcpuPins(virDomainPtr domain, unsigned flags) {
  const int most = Checked<virDomainGetVcpusFlags>(domain, flags | VIR_DOMAIN_VCPU_MAXIMUM);
  CpuMaps maps(virDomainGetConnect(domain), static_cast<unsigned>(most));
  const int count =
      Checked<virDomainGetVcpuPinInfo>(domain, most, maps.data(), maps.length(), flags);
  std::vector<Numbers> pins;
  pins.reserve(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) pins.push_back(maps.CpusOf(i));
  return pins;
}

// Libvirt gives no mask at all when nothing is pinned.
Value EmulatorPin(virDomainPtr domain, unsigned flags) {
  CpuMaps maps(virDomainGetConnect(domain), 1);
  const int found = Checked<virDomainGetEmulatorPinInfo>(domain, maps.data(), maps.length(), flags);
  return found == 0 ? Value(nullptr) : Value(maps.CpusOf(0));
}

Record CpuStatsOf(virDomainPtr domain, int cpu) {
  const int count = Checked<virDomainGetCPUStats>(domain, nullptr, 0U, cpu, 1U, 0U);
  std::vector<virTypedParameter> raw(static_cast<std::size_t>(count));
  const int filled =
      Checked<virDomainGetCPUStats>(domain, raw.data(), static_cast<unsigned>(count), cpu, 1U, 0U);
  Record stats = ToRecord(raw.data(), filled);
  virTypedParamsClear(raw.data(), filled);
  return stats;
}

Record TotalCpuStats(virDomainPtr domain) {
  constexpr int total = -1;
  return CpuStatsOf(domain, total);
}

std::vector<Record> EachCpuStats(virDomainPtr domain) {
  const int cpus = Checked<virDomainGetCPUStats>(domain, nullptr, 0U, 0, 0U, 0U);
  std::vector<Record> each;
  each.reserve(static_cast<std::size_t>(cpus));
  for (int cpu = 0; cpu < cpus; ++cpu) each.push_back(CpuStatsOf(domain, cpu));
  return each;
}

struct IoThreadFree {
  void operator()(virDomainIOThreadInfoPtr thread) const { virDomainIOThreadInfoFree(thread); }
};

std::vector<Record> IoThreads(virDomainPtr domain, unsigned flags) {
  virDomainIOThreadInfoPtr* raw = nullptr;
  const int count = Checked<virDomainGetIOThreadInfo>(domain, &raw, flags);
  const std::unique_ptr<virDomainIOThreadInfoPtr, FreeDeleter> array(raw);
  std::vector<Record> threads;
  for (int i = 0; i < count; ++i) {
    const std::unique_ptr<virDomainIOThreadInfo, IoThreadFree> owned(raw[i]);
    threads.push_back({{"id", Number(owned->iothread_id)},
                       {"affinity", CpusOf(owned->cpumap, owned->cpumaplen)}});
  }
  return threads;
}

template <auto Read>
constexpr auto kWithFlags = [](Args& args) {
  return [flags = args.Uint("flags")](virDomainPtr domain) { return Read(domain, flags); };
};

constexpr std::array kCpuMethods = {
    Wrap<virDomainGetVcpusFlags, Gives::kNumber>("vcpuCount", {"flags"}),
    Wrap<virDomainSetVcpusFlags>("setVcpuCount", {"count", "flags"}),
    Wrap<virDomainGetMaxVcpus, Gives::kNumber>("maxVcpus"),
    Wrap<virDomainSetVcpu>("setVcpus", {"vcpus", "state", "flags"}),
    Custom<Domain>("vcpus", [](Args&) { return Vcpus; }),
    Wrap<virDomainPinVcpuFlags>("pinVcpu", {"vcpu", "cpus", "flags"}),
    Custom<Domain>("vcpuPins", kWithFlags<VcpuPins>),
    Wrap<virDomainPinEmulator>("pinEmulator", {"cpus", "flags"}),
    Custom<Domain>("emulatorPin", kWithFlags<EmulatorPin>),
    Custom<Domain>("totalCpuStats", [](Args&) { return TotalCpuStats; }),
    Custom<Domain>("eachCpuStats", [](Args&) { return EachCpuStats; }),
    Wrap<virDomainGetGuestVcpus>("guestVcpus", {"flags"}),
    Wrap<virDomainSetGuestVcpus>("setGuestVcpus", {"vcpus", "state", "flags"}),
    Custom<Domain>("ioThreads", kWithFlags<IoThreads>),
    Wrap<virDomainPinIOThread>("pinIoThread", {"id", "cpus", "flags"}),
    Wrap<virDomainAddIOThread>("addIoThread", {"id", "flags"}),
    Wrap<virDomainDelIOThread>("deleteIoThread", {"id", "flags"}),
    Wrap<virDomainSetIOThreadParams>("setIoThreadParameters", {"id", "parameters", "flags"}),
};

}  // namespace

DomainMethods CpuMethods() { return kCpuMethods; }

}  // namespace ballast
