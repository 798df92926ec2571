#include <array>
#include <string>

#include "domain.h"

namespace ballast {

namespace {

// The number is that of the moment: a handle keeps the one it had when it was made.
Value CurrentId(virDomainPtr domain) {
  std::array<unsigned char, VIR_UUID_BUFLEN> uuid{};
  Checked<virDomainGetUUID>(domain, uuid.data());
  const OwnedDomain now(Checked<virDomainLookupByUUID>(virDomainGetConnect(domain), uuid.data()));
  const unsigned id = virDomainGetID(now.get());
  return id == static_cast<unsigned>(-1) ? Value(nullptr) : Value(Number(id));
}

Record State(virDomainPtr domain) {
  int state = 0;
  int reason = 0;
  Checked<virDomainGetState>(domain, &state, &reason, 0U);
  return {{"state", Number(state)}, {"reason", Number(reason)}};
}

Record Info(virDomainPtr domain) {
  virDomainInfo raw{};
  Checked<virDomainGetInfo>(domain, &raw);
  return {{"state", Number(raw.state)},
          {"maxMemoryKib", Number(raw.maxMem)},
          {"memoryKib", Number(raw.memory)},
          {"vcpus", Number(raw.nrVirtCpu)},
          {"cpuTimeNs", BigCount{raw.cpuTime}}};
}

Record ControlInfo(virDomainPtr domain) {
  virDomainControlInfo raw{};
  Checked<virDomainGetControlInfo>(domain, &raw, 0U);
  return {{"state", Number(raw.state)},
          {"details", Number(raw.details)},
          {"stateMs", Number(raw.stateTime)}};
}

constexpr std::array kStateMethods = {
    Custom<Domain>("id", [](Args&) { return CurrentId; }),
    Wrap<virDomainGetXMLDesc>("xml", {"flags"}, Order::kShare),
    Custom<Domain>(
        "state", [](Args&) { return State; }, Order::kShare),
    Custom<Domain>(
        "info", [](Args&) { return Info; }, Order::kShare),
    Custom<Domain>(
        "controlInfo", [](Args&) { return ControlInfo; }, Order::kOvertake),
    Wrap<virDomainIsPersistent, Gives::kBool>("isPersistent"),
    Wrap<virDomainIsActive, Gives::kBool>("isActive"),
    Wrap<virDomainIsUpdated, Gives::kBool>("isUpdated"),
    Wrap<virDomainGetOSType>("osType"),
    Wrap<virDomainGetMessages>("messages", {"flags"}),
    Wrap<virDomainGetMetadata>("metadata", {"type", "uri?", "flags"}),
    Wrap<virDomainSetMetadata>("setMetadata", {"type", "metadata?", "key?", "uri?", "flags"}),
    Wrap<virDomainGetAutostart>("autostart"),
    Wrap<virDomainSetAutostart>("setAutostart", {"autostart"}),
    Wrap<virDomainRename>("rename", {"name", "flags"}),
};

}  // namespace

DomainMethods StateMethods() { return kStateMethods; }

}  // namespace ballast
