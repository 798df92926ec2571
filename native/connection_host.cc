#include <array>
#include <string>

#include "connection.h"

namespace ballast {

namespace {

// libvirt packs 9.0.1 as 9000001.
std::string UnpackVersion(unsigned long packed) {
  return std::to_string(packed / 1000000) + "." + std::to_string(packed / 1000 % 1000) + "." +
         std::to_string(packed % 1000);
}

Record Version(virConnectPtr connection) {
  unsigned long libvirt = 0;
  unsigned long hypervisor = 0;
  Checked<virConnectGetLibVersion>(connection, &libvirt);
  Checked<virConnectGetVersion>(connection, &hypervisor);
  return {{"libvirt", UnpackVersion(libvirt)}, {"hypervisor", UnpackVersion(hypervisor)}};
}

constexpr std::array kHostMethods = {
    Custom<Connection>("version", [](Args&) { return Version; }),
    Wrap<virConnectGetType>("type"),
    Wrap<virConnectGetURI>("canonicalUri"),
    Wrap<virConnectGetHostname>("hostname"),
    Wrap<virConnectGetSysinfo>("sysinfo", {"flags"}),
    Wrap<virConnectGetCapabilities>("capabilities"),
    Wrap<virConnectGetDomainCapabilities>("domainCapabilities",
                                          {"emulator?", "arch?", "machine?", "virtType?", "flags"}),
    Wrap<virConnectIsAlive, Gives::kBool>("isAlive"),
    Wrap<virConnectIsEncrypted, Gives::kBool>("isEncrypted"),
    Wrap<virConnectIsSecure, Gives::kBool>("isSecure"),
    Wrap<virConnectGetMaxVcpus, Gives::kNumber>("maxVcpus", {"type?"}),
    Wrap<virConnectSetKeepAlive, Gives::kNumber>("setKeepAlive", {"intervalSeconds", "count"}),
    Wrap<virConnectSetIdentity>("setIdentity", {"parameters", "flags"}),
};

}  // namespace

ConnectionMethods HostMethods() { return kHostMethods; }

}  // namespace ballast
