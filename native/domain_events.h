#pragma once

#include <libvirt/libvirt.h>

#include <string_view>

namespace ballast {

// An event of libvirt's, and the callback that copies its payload into the EventFan behind it.
struct DomainEvent {
  std::string_view name;
  int id;
  virConnectDomainEventGenericCallback callback;
};

// Null when there is no event of that name.
const DomainEvent* FindDomainEvent(std::string_view name);

}  // namespace ballast
