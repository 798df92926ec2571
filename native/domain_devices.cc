#include <array>

#include "domain.h"

namespace ballast {

namespace {

constexpr std::array kMethods = {
    Wrap<virDomainAttachDeviceFlags>("attachDevice", {"xml", "flags"}),
    Wrap<virDomainDetachDeviceFlags>("detachDevice", {"xml", "flags"}),
    Wrap<virDomainDetachDeviceAlias>("detachDeviceAlias", {"alias", "flags"}),
    Wrap<virDomainUpdateDeviceFlags>("updateDevice", {"xml", "flags"}),
};

}  // namespace

DomainMethods DeviceMethods() { return kMethods; }

}  // namespace ballast
