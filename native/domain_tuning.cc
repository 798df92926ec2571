#include <array>
#include <string>

#include "domain.h"

namespace ballast {

namespace {

std::string SchedulerType(virDomainPtr domain) {
  return TakeName(Checked<virDomainGetSchedulerType>(domain, nullptr));
}

constexpr std::array kTuningMethods = {
    Custom<Domain>("schedulerType", [](Args&) { return SchedulerType; }),
    Wrap<virDomainGetSchedulerParameters>("schedulerParameters"),
    Wrap<virDomainGetSchedulerParametersFlags>("schedulerParametersWith", {"flags"}),
    Wrap<virDomainSetSchedulerParameters>("setSchedulerParameters", {"parameters"}),
    Wrap<virDomainSetSchedulerParametersFlags>("setSchedulerParametersWith",
                                               {"parameters", "flags"}),
    Wrap<virDomainGetMemoryParameters>("memoryParameters", {"flags"}),
    Wrap<virDomainSetMemoryParameters>("setMemoryParameters", {"parameters", "flags"}),
    Wrap<virDomainGetNumaParameters>("numaParameters", {"flags"}),
    Wrap<virDomainSetNumaParameters>("setNumaParameters", {"parameters", "flags"}),
    Wrap<virDomainGetBlkioParameters>("blkioParameters", {"flags"}),
    Wrap<virDomainSetBlkioParameters>("setBlkioParameters", {"parameters", "flags"}),
    Wrap<virDomainGetPerfEvents>("perfEvents", {"flags"}),
    Wrap<virDomainSetPerfEvents>("setPerfEvents", {"parameters", "flags"}),
};

}  // namespace

DomainMethods TuningMethods() { return kTuningMethods; }

}  // namespace ballast
