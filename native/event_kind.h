#pragma once

#include <libvirt/libvirt.h>

#include <functional>
#include <optional>
#include <string>

namespace ballast {

// Something that can be listened to, and how libvirt is told to. `opaque` is an EventFan's.
struct EventKind {
  // The name of a domain event; "close" for the loss of the connection; "qmp" for all events of
  // QEMU's monitor or "qmp:NAME" for one.
  std::string name;
  // Gives the number of the registration, or less than 0.
  std::function<int(virConnectPtr, virDomainPtr, void* opaque, virFreeCallback)> enlist;
  std::function<void(virConnectPtr, int)> withdraw;
  // The function of libvirt's that enlists, for its errors.
  const char* call;

  static std::optional<EventKind> Find(const std::string& name);
};

}  // namespace ballast
