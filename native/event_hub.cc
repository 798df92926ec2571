#include "event_hub.h"

#include <array>

#include "subscription.h"
#include "util/failure.h"

namespace ballast {

namespace {

using FanHolder = std::shared_ptr<EventFan>;

void FreeFan(void* opaque) { delete static_cast<FanHolder*>(opaque); }

int Register(virConnectPtr connection, const DomainRef* domain, const EventKind& kind,
             const FanHolder& fan) {
  auto holder = std::make_unique<FanHolder>(fan);
  virDomainPtr raw = domain == nullptr ? nullptr : domain->get();
  const int id = Check(kind.call, kind.enlist(connection, raw, holder.get(), FreeFan));
  // libvirt frees it with the registration.
  static_cast<void>(holder.release());
  return id;
}

}  // namespace

void EventFan::Push(void* opaque, virDomainPtr domain, Record detail) {
  std::array<char, VIR_UUID_STRING_BUFLEN> uuid{};
  virDomainGetUUIDString(domain, uuid.data());
  detail.emplace_back("name", std::string(virDomainGetName(domain)));
  detail.emplace_back("uuid", std::string(uuid.data()));
  Push(opaque, detail);
}

void EventFan::Push(void* opaque, const Record& event) {
  EventFan& fan = **static_cast<FanHolder*>(opaque);
  const std::lock_guard lock(fan.mutex_);
  for (const auto& sink : fan.sinks_) sink->Push(event);
}

void EventFan::Add(std::shared_ptr<EventSink> sink) {
  const std::lock_guard lock(mutex_);
  sinks_.push_back(std::move(sink));
}

bool EventFan::Remove(const EventSink* sink) {
  const std::lock_guard lock(mutex_);
  std::erase_if(sinks_, [sink](const auto& one) { return one.get() == sink; });
  return !sinks_.empty();
}

EventHub::Key EventHub::Join(virConnectPtr connection, const DomainRef* domain,
                             const EventKind& kind, std::shared_ptr<EventSink> sink) {
  Key key{kind.name, domain == nullptr ? std::string() : domain->uuid()};
  const std::lock_guard lock(mutex_);
  const auto found = sources_.find(key);
  if (found != sources_.end()) {
    found->second.fan->Add(std::move(sink));
    return key;
  }
  auto fan = std::make_shared<EventFan>();
  // Before libvirt knows the fan: an event may come while it is being registered.
  fan->Add(std::move(sink));
  const int id = Register(connection, domain, kind, fan);
  sources_.emplace(key, Source{id, kind.withdraw, std::move(fan)});
  return key;
}

void EventHub::Leave(virConnectPtr connection, const Key& key, const EventSink* sink) {
  const std::lock_guard lock(mutex_);
  const auto found = sources_.find(key);
  if (found == sources_.end() || found->second.fan->Remove(sink)) return;
  found->second.withdraw(connection, found->second.id);
  sources_.erase(found);
}

}  // namespace ballast
