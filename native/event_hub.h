#pragma once

#include <libvirt/libvirt.h>

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "event_kind.h"
#include "util/record.h"
#include "util/refs.h"

namespace ballast {

class EventSink;

// The sinks of all subscriptions to the same events of the same domain.
class EventFan {
 public:
  // On the event thread; `opaque` is what EventHub gave to libvirt. The domain's name and UUID are
  // added to the event.
  static void Push(void* opaque, virDomainPtr domain, Record detail);
  static void Push(void* opaque, const Record& event);

  void Add(std::shared_ptr<EventSink> sink);
  // Whether any is left.
  bool Remove(const EventSink* sink);

 private:
  std::mutex mutex_;
  std::vector<std::shared_ptr<EventSink>> sinks_;
};

// The callbacks that one connection has registered with libvirt, which refuses a second one for the
// same event and domain ("event callback already tracked"): subscriptions to the same share it.
class EventHub {
 public:
  // The name of the event and the UUID of the domain, which is empty for all domains.
  using Key = std::pair<std::string, std::string>;

  // On a pool thread. A null domain stands for all of them.
  Key Join(virConnectPtr connection, const DomainRef* domain, const EventKind& kind,
           std::shared_ptr<EventSink> sink);
  void Leave(virConnectPtr connection, const Key& key, const EventSink* sink);

 private:
  struct Source {
    int id;
    std::function<void(virConnectPtr, int)> withdraw;
    std::shared_ptr<EventFan> fan;
  };

  // Held while libvirt registers and deregisters, so that both know the same callbacks. The event
  // thread does not take it.
  std::mutex mutex_;
  std::map<Key, Source> sources_;
};

}  // namespace ballast
