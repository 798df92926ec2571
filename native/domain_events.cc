#include "domain_events.h"

#include <algorithm>
#include <array>
#include <string>

#include "event_hub.h"
#include "util/record.h"
#include "util/typed_params.h"

namespace ballast {

namespace {

// These run on the event thread, inside libvirt: they copy and return, and call nothing that
// blocks.

int OnLifecycle(virConnectPtr, virDomainPtr domain, int event, int detail, void* opaque) {
  EventFan::Push(opaque, domain, {{"event", Number(event)}, {"detail", Number(detail)}});
  return 0;
}

// Reboot and control-error say nothing but that they happened.
void OnPlain(virConnectPtr, virDomainPtr domain, void* opaque) {
  EventFan::Push(opaque, domain, {});
}

void OnRtcChange(virConnectPtr, virDomainPtr domain, long long offset, void* opaque) {
  EventFan::Push(opaque, domain, {{"offsetSeconds", Number(offset)}});
}

void OnWatchdog(virConnectPtr, virDomainPtr domain, int action, void* opaque) {
  EventFan::Push(opaque, domain, {{"action", Number(action)}});
}

void OnIoError(virConnectPtr, virDomainPtr domain, const char* path, const char* alias, int action,
               const char* reason, void* opaque) {
  EventFan::Push(opaque, domain,
                 {{"path", Text(path)},
                  {"alias", Text(alias)},
                  {"action", Number(action)},
                  {"reason", Text(reason)}});
}

Value ToValue(const virDomainEventGraphicsAddress* address) {
  if (address == nullptr) return nullptr;
  return Record{{"family", Number(address->family)},
                {"node", Text(address->node)},
                {"service", Text(address->service)}};
}

void OnGraphics(virConnectPtr, virDomainPtr domain, int phase,
                const virDomainEventGraphicsAddress* local,
                const virDomainEventGraphicsAddress* remote, const char* scheme,
                const virDomainEventGraphicsSubject* subject, void* opaque) {
  std::vector<Record> identities;
  for (int i = 0; subject != nullptr && i < subject->nidentity; ++i) {
    const auto& identity = subject->identities[i];
    identities.push_back({{"type", Text(identity.type)}, {"name", Text(identity.name)}});
  }
  EventFan::Push(opaque, domain,
                 {{"phase", Number(phase)},
                  {"local", ToValue(local)},
                  {"remote", ToValue(remote)},
                  {"authScheme", Text(scheme)},
                  {"subject", std::move(identities)}});
}

// The path of the disk, or, with the second event of the name, its target.
void OnBlockJob(virConnectPtr, virDomainPtr domain, const char* disk, int type, int status,
                void* opaque) {
  EventFan::Push(opaque, domain,
                 {{"disk", Text(disk)}, {"type", Number(type)}, {"status", Number(status)}});
}

void OnDiskChange(virConnectPtr, virDomainPtr domain, const char* old_path, const char* new_path,
                  const char* alias, int reason, void* opaque) {
  EventFan::Push(opaque, domain,
                 {{"oldPath", Text(old_path)},
                  {"newPath", Text(new_path)},
                  {"alias", Text(alias)},
                  {"reason", Number(reason)}});
}

void OnTrayChange(virConnectPtr, virDomainPtr domain, const char* alias, int reason, void* opaque) {
  EventFan::Push(opaque, domain, {{"alias", Text(alias)}, {"reason", Number(reason)}});
}

// Wake-up, suspend and suspend to disk have a reason that libvirt never sets.
void OnPowerChange(virConnectPtr, virDomainPtr domain, int, void* opaque) {
  EventFan::Push(opaque, domain, {});
}

void OnBalloonChange(virConnectPtr, virDomainPtr domain, unsigned long long actual, void* opaque) {
  EventFan::Push(opaque, domain, {{"memoryKib", Number(actual)}});
}

// A device was added, was removed, or was not.
void OnDevice(virConnectPtr, virDomainPtr domain, const char* alias, void* opaque) {
  EventFan::Push(opaque, domain, {{"alias", Text(alias)}});
}

void OnParameters(virConnectPtr, virDomainPtr domain, virTypedParameterPtr params, int count,
                  void* opaque) {
  EventFan::Push(opaque, domain, {{"parameters", ToRecord(params, count)}});
}

void OnAgentLifecycle(virConnectPtr, virDomainPtr domain, int state, int reason, void* opaque) {
  EventFan::Push(opaque, domain, {{"state", Number(state)}, {"reason", Number(reason)}});
}

void OnMigrationIteration(virConnectPtr, virDomainPtr domain, int iteration, void* opaque) {
  EventFan::Push(opaque, domain, {{"iteration", Number(iteration)}});
}

void OnMetadataChange(virConnectPtr, virDomainPtr domain, int type, const char* uri, void* opaque) {
  EventFan::Push(opaque, domain, {{"type", Number(type)}, {"uri", Text(uri)}});
}

void OnBlockThreshold(virConnectPtr, virDomainPtr domain, const char* device, const char* path,
                      unsigned long long threshold, unsigned long long excess, void* opaque) {
  EventFan::Push(opaque, domain,
                 {{"device", Text(device)},
                  {"path", Text(path)},
                  {"thresholdBytes", Number(threshold)},
                  {"excessBytes", Number(excess)}});
}

void OnMemoryFailure(virConnectPtr, virDomainPtr domain, int recipient, int action, unsigned flags,
                     void* opaque) {
  EventFan::Push(
      opaque, domain,
      {{"recipient", Number(recipient)}, {"action", Number(action)}, {"flags", Number(flags)}});
}

void OnMemoryDeviceSizeChange(virConnectPtr, virDomainPtr domain, const char* alias,
                              unsigned long long size, void* opaque) {
  EventFan::Push(opaque, domain, {{"alias", Text(alias)}, {"sizeKib", Number(size)}});
}

void OnNicMacChange(virConnectPtr, virDomainPtr domain, const char* alias, const char* old_mac,
                    const char* new_mac, void* opaque) {
  EventFan::Push(opaque, domain,
                 {{"alias", Text(alias)}, {"oldMac", Text(old_mac)}, {"newMac", Text(new_mac)}});
}

// Its name came with libvirt 11.2.
constexpr int kNicMacChange = 27;

const std::array kEvents = {
    DomainEvent{"lifecycle", VIR_DOMAIN_EVENT_ID_LIFECYCLE, VIR_DOMAIN_EVENT_CALLBACK(OnLifecycle)},
    DomainEvent{"reboot", VIR_DOMAIN_EVENT_ID_REBOOT, VIR_DOMAIN_EVENT_CALLBACK(OnPlain)},
    DomainEvent{"rtc-change", VIR_DOMAIN_EVENT_ID_RTC_CHANGE,
                VIR_DOMAIN_EVENT_CALLBACK(OnRtcChange)},
    DomainEvent{"watchdog", VIR_DOMAIN_EVENT_ID_WATCHDOG, VIR_DOMAIN_EVENT_CALLBACK(OnWatchdog)},
    DomainEvent{"io-error", VIR_DOMAIN_EVENT_ID_IO_ERROR_REASON,
                VIR_DOMAIN_EVENT_CALLBACK(OnIoError)},
    DomainEvent{"graphics", VIR_DOMAIN_EVENT_ID_GRAPHICS, VIR_DOMAIN_EVENT_CALLBACK(OnGraphics)},
    DomainEvent{"control-error", VIR_DOMAIN_EVENT_ID_CONTROL_ERROR,
                VIR_DOMAIN_EVENT_CALLBACK(OnPlain)},
    DomainEvent{"block-job-path", VIR_DOMAIN_EVENT_ID_BLOCK_JOB,
                VIR_DOMAIN_EVENT_CALLBACK(OnBlockJob)},
    DomainEvent{"disk-change", VIR_DOMAIN_EVENT_ID_DISK_CHANGE,
                VIR_DOMAIN_EVENT_CALLBACK(OnDiskChange)},
    DomainEvent{"tray-change", VIR_DOMAIN_EVENT_ID_TRAY_CHANGE,
                VIR_DOMAIN_EVENT_CALLBACK(OnTrayChange)},
    DomainEvent{"pm-wakeup", VIR_DOMAIN_EVENT_ID_PMWAKEUP,
                VIR_DOMAIN_EVENT_CALLBACK(OnPowerChange)},
    DomainEvent{"pm-suspend", VIR_DOMAIN_EVENT_ID_PMSUSPEND,
                VIR_DOMAIN_EVENT_CALLBACK(OnPowerChange)},
    DomainEvent{"balloon-change", VIR_DOMAIN_EVENT_ID_BALLOON_CHANGE,
                VIR_DOMAIN_EVENT_CALLBACK(OnBalloonChange)},
    DomainEvent{"pm-suspend-disk", VIR_DOMAIN_EVENT_ID_PMSUSPEND_DISK,
                VIR_DOMAIN_EVENT_CALLBACK(OnPowerChange)},
    DomainEvent{"device-removed", VIR_DOMAIN_EVENT_ID_DEVICE_REMOVED,
                VIR_DOMAIN_EVENT_CALLBACK(OnDevice)},
    DomainEvent{"block-job", VIR_DOMAIN_EVENT_ID_BLOCK_JOB_2,
                VIR_DOMAIN_EVENT_CALLBACK(OnBlockJob)},
    DomainEvent{"tunable", VIR_DOMAIN_EVENT_ID_TUNABLE, VIR_DOMAIN_EVENT_CALLBACK(OnParameters)},
    DomainEvent{"agent-lifecycle", VIR_DOMAIN_EVENT_ID_AGENT_LIFECYCLE,
                VIR_DOMAIN_EVENT_CALLBACK(OnAgentLifecycle)},
    DomainEvent{"device-added", VIR_DOMAIN_EVENT_ID_DEVICE_ADDED,
                VIR_DOMAIN_EVENT_CALLBACK(OnDevice)},
    DomainEvent{"migration-iteration", VIR_DOMAIN_EVENT_ID_MIGRATION_ITERATION,
                VIR_DOMAIN_EVENT_CALLBACK(OnMigrationIteration)},
    DomainEvent{"job-completed", VIR_DOMAIN_EVENT_ID_JOB_COMPLETED,
                VIR_DOMAIN_EVENT_CALLBACK(OnParameters)},
    DomainEvent{"device-removal-failed", VIR_DOMAIN_EVENT_ID_DEVICE_REMOVAL_FAILED,
                VIR_DOMAIN_EVENT_CALLBACK(OnDevice)},
    DomainEvent{"metadata-change", VIR_DOMAIN_EVENT_ID_METADATA_CHANGE,
                VIR_DOMAIN_EVENT_CALLBACK(OnMetadataChange)},
    DomainEvent{"block-threshold", VIR_DOMAIN_EVENT_ID_BLOCK_THRESHOLD,
                VIR_DOMAIN_EVENT_CALLBACK(OnBlockThreshold)},
    DomainEvent{"memory-failure", VIR_DOMAIN_EVENT_ID_MEMORY_FAILURE,
                VIR_DOMAIN_EVENT_CALLBACK(OnMemoryFailure)},
    DomainEvent{"memory-device-size-change", VIR_DOMAIN_EVENT_ID_MEMORY_DEVICE_SIZE_CHANGE,
                VIR_DOMAIN_EVENT_CALLBACK(OnMemoryDeviceSizeChange)},
    DomainEvent{"nic-mac-change", kNicMacChange, VIR_DOMAIN_EVENT_CALLBACK(OnNicMacChange)},
};

}  // namespace

const DomainEvent* FindDomainEvent(std::string_view name) {
  const auto* const found = std::ranges::find_if(
      kEvents, [name](const DomainEvent& event) { return event.name == name; });
  return found == kEvents.end() ? nullptr : found;
}

}  // namespace ballast
