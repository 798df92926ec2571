#include <array>

#include "domain.h"

namespace ballast {

namespace {

constexpr std::array kDeviceMethods = {
    Wrap<virDomainAttachDeviceFlags>("attachDevice", {"xml", "flags"}),
    Wrap<virDomainDetachDeviceFlags>("detachDevice", {"xml", "flags"}),
    Wrap<virDomainDetachDeviceAlias>("detachDeviceAlias", {"alias", "flags"}),
    Wrap<virDomainUpdateDeviceFlags>("updateDevice", {"xml", "flags"}),
};

}  // namespace

DomainMethods DeviceMethods() { return kDeviceMethods; }

}  // namespace ballast
