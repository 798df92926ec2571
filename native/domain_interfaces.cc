#include <array>
#include <memory>
#include <string>

#include "domain.h"

namespace ballast {

namespace {

Record InterfaceStats(virDomainPtr domain, const std::string& device) {
  virDomainInterfaceStatsStruct raw{};
  Checked<virDomainInterfaceStats>(domain, device.c_str(), &raw, sizeof raw);
  return {{"rxBytes", KnownNumber(raw.rx_bytes)}, {"rxPackets", KnownNumber(raw.rx_packets)},
          {"rxErrors", KnownNumber(raw.rx_errs)}, {"rxDropped", KnownNumber(raw.rx_drop)},
          {"txBytes", KnownNumber(raw.tx_bytes)}, {"txPackets", KnownNumber(raw.tx_packets)},
          {"txErrors", KnownNumber(raw.tx_errs)}, {"txDropped", KnownNumber(raw.tx_drop)}};
}

struct InterfaceFree {
  void operator()(virDomainInterfacePtr interface) const { virDomainInterfaceFree(interface); }
};

Record InterfaceRecord(const virDomainInterface& interface) {
  std::vector<Record> addresses;
  for (unsigned i = 0; i < interface.naddrs; ++i) {
    const auto& address = interface.addrs[i];
    addresses.push_back({{"type", Number(address.type)},
                         {"address", Text(address.addr)},
                         {"prefix", Number(address.prefix)}});
  }
  return {{"name", Text(interface.name)},
          {"mac", Text(interface.hwaddr)},
          {"addresses", std::move(addresses)}};
}

std::vector<Record> Addresses(virDomainPtr domain, unsigned source) {
  virDomainInterfacePtr* raw = nullptr;
  const int count = Checked<virDomainInterfaceAddresses>(domain, &raw, source, 0U);
  const std::unique_ptr<virDomainInterfacePtr, FreeDeleter> array(raw);
  std::vector<Record> interfaces;
  for (int i = 0; i < count; ++i) {
    const std::unique_ptr<virDomainInterface, InterfaceFree> owned(raw[i]);
    interfaces.push_back(InterfaceRecord(*owned));
  }
  return interfaces;
}

constexpr std::array kInterfaceMethods = {
    Custom<Domain>(
        "interfaceStats",
        [](Args& args) {
          return [device = args.String("device")](virDomainPtr domain) {
            return InterfaceStats(domain, device);
          };
        },
        Order::kShare),
    Wrap<virDomainGetInterfaceParameters>("interfaceParameters", {"device", "flags"}),
    Wrap<virDomainSetInterfaceParameters>("setInterfaceParameters",
                                          {"device", "parameters", "flags"}),
    Custom<Domain>("interfaceAddresses",
                   [](Args& args) {
                     return [source = args.Uint("source")](virDomainPtr domain) {
                       return Addresses(domain, source);
                     };
                   }),
};

}  // namespace

DomainMethods InterfaceMethods() { return kInterfaceMethods; }

}  // namespace ballast
