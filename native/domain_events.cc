#include "domain_events.h"

#include <algorithm>
#include <array>
#include <string>

#include "event_hub.h"
#include "util/record.h"

namespace ballast {

namespace {

// These run on the event thread, inside libvirt: they copy and return, and call nothing that
// blocks.

Value Text(const char* text) { return text == nullptr ? Value(nullptr) : Value(std::string(text)); }

int OnLifecycle(virConnectPtr, virDomainPtr domain, int event, int detail, void* opaque) {
  EventFan::Push(opaque, domain, {{"event", event * 1.0}, {"detail", detail * 1.0}});
  return 0;
}

void OnReboot(virConnectPtr, virDomainPtr domain, void* opaque) {
  EventFan::Push(opaque, domain, {});
}

void OnBalloonChange(virConnectPtr, virDomainPtr domain, unsigned long long actual, void* opaque) {
  EventFan::Push(opaque, domain, {{"memoryKib", static_cast<double>(actual)}});
}

void OnDeviceAdded(virConnectPtr, virDomainPtr domain, const char* alias, void* opaque) {
  EventFan::Push(opaque, domain, {{"alias", Text(alias)}});
}

void OnDeviceRemoved(virConnectPtr, virDomainPtr domain, const char* alias, void* opaque) {
  EventFan::Push(opaque, domain, {{"alias", Text(alias)}});
}

void OnMemoryFailure(virConnectPtr, virDomainPtr domain, int recipient, int action, unsigned flags,
                     void* opaque) {
  EventFan::Push(
      opaque, domain,
      {{"recipient", recipient * 1.0}, {"action", action * 1.0}, {"flags", flags * 1.0}});
}

void OnMemoryDeviceSizeChange(virConnectPtr, virDomainPtr domain, const char* alias,
                              unsigned long long size, void* opaque) {
  EventFan::Push(opaque, domain, {{"alias", Text(alias)}, {"sizeKib", static_cast<double>(size)}});
}

const std::array kEvents = {
    DomainEvent{"lifecycle", VIR_DOMAIN_EVENT_ID_LIFECYCLE, VIR_DOMAIN_EVENT_CALLBACK(OnLifecycle)},
    DomainEvent{"reboot", VIR_DOMAIN_EVENT_ID_REBOOT, VIR_DOMAIN_EVENT_CALLBACK(OnReboot)},
    DomainEvent{"balloon-change", VIR_DOMAIN_EVENT_ID_BALLOON_CHANGE,
                VIR_DOMAIN_EVENT_CALLBACK(OnBalloonChange)},
    DomainEvent{"device-added", VIR_DOMAIN_EVENT_ID_DEVICE_ADDED,
                VIR_DOMAIN_EVENT_CALLBACK(OnDeviceAdded)},
    DomainEvent{"device-removed", VIR_DOMAIN_EVENT_ID_DEVICE_REMOVED,
                VIR_DOMAIN_EVENT_CALLBACK(OnDeviceRemoved)},
    DomainEvent{"memory-failure", VIR_DOMAIN_EVENT_ID_MEMORY_FAILURE,
                VIR_DOMAIN_EVENT_CALLBACK(OnMemoryFailure)},
    DomainEvent{"memory-device-size-change", VIR_DOMAIN_EVENT_ID_MEMORY_DEVICE_SIZE_CHANGE,
                VIR_DOMAIN_EVENT_CALLBACK(OnMemoryDeviceSizeChange)},
};

}  // namespace

const DomainEvent* FindDomainEvent(std::string_view name) {
  const auto* const found =
      std::find_if(kEvents.begin(), kEvents.end(),
                   [name](const DomainEvent& event) { return event.name == name; });
  return found == kEvents.end() ? nullptr : found;
}

}  // namespace ballast
