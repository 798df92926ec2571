#include <array>

#include "connection.h"

namespace ballast {

namespace {

constexpr std::array kHypervisorCpuMethods = {
    Wrap<virConnectGetCPUModelNames>("cpuModels", {"arch", "flags"}),
    Wrap<virConnectCompareCPU, Gives::kNumber>("compareCpu", {"xml", "flags"}),
    Wrap<virConnectCompareHypervisorCPU, Gives::kNumber>(
        "compareHypervisorCpu", {"emulator?", "arch?", "machine?", "virtType?", "xml", "flags"}),
    Wrap<virConnectBaselineCPU>("baselineCpu", {"xmls", "flags"}),
    Wrap<virConnectBaselineHypervisorCPU>(
        "baselineHypervisorCpu", {"emulator?", "arch?", "machine?", "virtType?", "xmls", "flags"}),
};

}  // namespace

ConnectionMethods HypervisorCpuMethods() { return kHypervisorCpuMethods; }

}  // namespace ballast
