#include "event_kind.h"

#include <libvirt/libvirt-qemu.h>

#include "domain_events.h"
#include "event_hub.h"
#include "util/record.h"

namespace ballast {

namespace {

constexpr std::string_view kMonitor = "qmp";
constexpr std::string_view kMonitorEvent = "qmp:";

void OnClose(virConnectPtr, int reason, void* opaque) {
  EventFan::Push(opaque, {{"reason", Number(reason)}});
}

void OnMonitorEvent(virConnectPtr, virDomainPtr domain, const char* event, long long seconds,
                    unsigned micros, const char* details, void* opaque) {
  constexpr double millis_per_second = 1e3;
  constexpr double micros_per_milli = 1e3;
  const double time_ms = Number(seconds) * millis_per_second + Number(micros) / micros_per_milli;
  EventFan::Push(opaque, domain,
                 {{"event", Text(event)}, {"timeMs", time_ms}, {"details", Text(details)}});
}

EventKind CloseKind(const std::string& name) {
  return {.name = name,
          .enlist =
              [](virConnectPtr connection, virDomainPtr, void* opaque, virFreeCallback free) {
                return virConnectRegisterCloseCallback(connection, OnClose, opaque, free);
              },
          .withdraw = [](virConnectPtr connection,
                         int) { virConnectUnregisterCloseCallback(connection, OnClose); },
          .call = "virConnectRegisterCloseCallback"};
}

EventKind MonitorKind(const std::string& name) {
  const std::string event = name == kMonitor ? "" : name.substr(kMonitorEvent.size());
  return {.name = name,
          .enlist =
              [event](virConnectPtr connection, virDomainPtr domain, void* opaque,
                      virFreeCallback free) {
                return virConnectDomainQemuMonitorEventRegister(
                    connection, domain, event.empty() ? nullptr : event.c_str(), OnMonitorEvent,
                    opaque, free, 0);
              },
          .withdraw = [](virConnectPtr connection,
                         int id) { virConnectDomainQemuMonitorEventDeregister(connection, id); },
          .call = "virConnectDomainQemuMonitorEventRegister"};
}

EventKind DomainKind(const DomainEvent& event) {
  return {.name = std::string(event.name),
          .enlist =
              [&event](virConnectPtr connection, virDomainPtr domain, void* opaque,
                       virFreeCallback free) {
                return virConnectDomainEventRegisterAny(connection, domain, event.id,
                                                        event.callback, opaque, free);
              },
          .withdraw = [](virConnectPtr connection,
                         int id) { virConnectDomainEventDeregisterAny(connection, id); },
          .call = "virConnectDomainEventRegisterAny"};
}

}  // namespace

std::optional<EventKind> EventKind::Find(const std::string& name) {
  if (name == "close") return CloseKind(name);
  if (name == kMonitor || name.starts_with(kMonitorEvent)) return MonitorKind(name);
  const DomainEvent* event = FindDomainEvent(name);
  if (event == nullptr) return std::nullopt;
  return DomainKind(*event);
}

}  // namespace ballast
