#include "connection.h"

#include <libvirt/libvirt.h>

#include <string>
#include <utility>
#include <vector>

#include "domain.h"
#include "domain_events.h"
#include "subscription.h"
#include "util/args.h"
#include "util/call.h"
#include "util/construct.h"
#include "util/event_loop.h"
#include "util/failure.h"
#include "util/record.h"

namespace ballast {

namespace {

using ConnectionPtr = std::shared_ptr<ConnectionRef>;

// libvirt packs 9.0.1 as 9000001.
std::string UnpackVersion(unsigned long packed) {
  return std::to_string(packed / 1000000) + "." + std::to_string(packed / 1000 % 1000) + "." +
         std::to_string(packed % 1000);
}

const char* CStringOrNull(const std::optional<std::string>& text) {
  return text ? text->c_str() : nullptr;
}

std::vector<std::shared_ptr<DomainRef>> List(const ConnectionPtr& ref, unsigned flags) {
  virDomainPtr* raw = nullptr;
  const int count =
      Check("virConnectListAllDomains", virConnectListAllDomains(ref->get(), &raw, flags));
  const std::unique_ptr<virDomainPtr, FreeDeleter> array(raw);
  std::vector<OwnedDomain> owned;
  owned.reserve(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) owned.emplace_back(raw[i]);
  std::vector<std::shared_ptr<DomainRef>> domains;
  domains.reserve(owned.size());
  for (auto& domain : owned) domains.push_back(DomainRef::Adopt(std::move(domain), ref));
  return domains;
}

}  // namespace

Napi::Function Connection::Define(Napi::Env env) {
  return DefineClass(env, "Connection",
                     {
                         InstanceMethod<&Connection::Version>("version"),
                         InstanceMethod<&Connection::Hostname>("hostname"),
                         InstanceMethod<&Connection::Capabilities>("capabilities"),
                         InstanceMethod<&Connection::DomainCapabilities>("domainCapabilities"),
                         InstanceMethod<&Connection::IsAlive>("isAlive"),
                         InstanceMethod<&Connection::DefineDomain>("defineDomain"),
                         InstanceMethod<&Connection::CreateDomain>("createDomain"),
                         InstanceMethod<&Connection::LookupByName>("lookupByName"),
                         InstanceMethod<&Connection::LookupByUuid>("lookupByUuid"),
                         InstanceMethod<&Connection::ListDomains>("listDomains"),
                         InstanceMethod<&Connection::Watch>("watch"),
                         InstanceMethod<&Connection::Close>("close"),
                     });
}

Connection::Connection(const Napi::CallbackInfo& info)
    : HandleWrap(info, "connection"), ref_(TakeInit<ConnectionPtr>(info)) {}

Napi::Value Connection::Connect(const Napi::CallbackInfo& info) {
  Args args(info);
  auto uri = args.String("uri");
  const bool read_only = args.Bool("readOnly");
  const Mailbox* owner = EnvState::Of(info.Env()).mailbox.get();
  return StartCall(
      info.Env(), {.ticket = CancelToken::Read(args)},
      [uri = std::move(uri), read_only, owner] {
        EnsureLibvirt();
        return ConnectionRef::Adopt(
            read_only ? Check("virConnectOpenReadOnly", virConnectOpenReadOnly(uri.c_str()))
                      : Check("virConnectOpen", virConnectOpen(uri.c_str())),
            owner);
      },
      [](Napi::Env env, ConnectionPtr ref) -> Napi::Value {
        return Construct(env, EnvState::Of(env).connection_class, ref);
      });
}

Napi::Value Connection::Version(const Napi::CallbackInfo& info) {
  Args args(info);
  return Call(args, [](virConnectPtr connection) {
    unsigned long libvirt = 0;
    unsigned long hypervisor = 0;
    Check("virConnectGetLibVersion", virConnectGetLibVersion(connection, &libvirt));
    Check("virConnectGetVersion", virConnectGetVersion(connection, &hypervisor));
    return Record{{"libvirt", UnpackVersion(libvirt)}, {"hypervisor", UnpackVersion(hypervisor)}};
  });
}

Napi::Value Connection::Hostname(const Napi::CallbackInfo& info) {
  Args args(info);
  return Call(args, [](virConnectPtr connection) {
    return TakeString("virConnectGetHostname", virConnectGetHostname(connection));
  });
}

Napi::Value Connection::Capabilities(const Napi::CallbackInfo& info) {
  Args args(info);
  return Call(args, [](virConnectPtr connection) {
    return TakeString("virConnectGetCapabilities", virConnectGetCapabilities(connection));
  });
}

Napi::Value Connection::DomainCapabilities(const Napi::CallbackInfo& info) {
  Args args(info);
  auto emulator = args.OptionalString("emulator");
  auto arch = args.OptionalString("arch");
  auto machine = args.OptionalString("machine");
  auto virt_type = args.OptionalString("virtType");
  return Call(args, [emulator = std::move(emulator), arch = std::move(arch),
                     machine = std::move(machine),
                     virt_type = std::move(virt_type)](virConnectPtr connection) {
    return TakeString(
        "virConnectGetDomainCapabilities",
        virConnectGetDomainCapabilities(connection, CStringOrNull(emulator), CStringOrNull(arch),
                                        CStringOrNull(machine), CStringOrNull(virt_type), 0));
  });
}

Napi::Value Connection::IsAlive(const Napi::CallbackInfo& info) {
  Args args(info);
  return Call(args, [](virConnectPtr connection) {
    return Check("virConnectIsAlive", virConnectIsAlive(connection)) == 1;
  });
}

template <class Get>
Napi::Value Connection::StartForDomain(Args& args, const char* call, Get get) {
  return StartCall(
      args.Env(), {.handle = this, .ticket = CancelToken::Read(args)},
      [ref = ref_, call, get = std::move(get)] {
        return DomainRef::Adopt(OwnedDomain(Check(call, get(ref->get()))), ref);
      },
      [this](Napi::Env env, const std::shared_ptr<DomainRef>& domain) -> Napi::Value {
        return Domain::Wrap(env, domain, *this);
      });
}

Napi::Value Connection::DefineDomain(const Napi::CallbackInfo& info) {
  Args args(info);
  auto xml = args.String("xml");
  const unsigned flags = args.Uint("flags");
  return StartForDomain(args, "virDomainDefineXMLFlags",
                        [xml = std::move(xml), flags](virConnectPtr connection) {
                          return virDomainDefineXMLFlags(connection, xml.c_str(), flags);
                        });
}

Napi::Value Connection::CreateDomain(const Napi::CallbackInfo& info) {
  Args args(info);
  auto xml = args.String("xml");
  const unsigned flags = args.Uint("flags");
  return StartForDomain(args, "virDomainCreateXML",
                        [xml = std::move(xml), flags](virConnectPtr connection) {
                          return virDomainCreateXML(connection, xml.c_str(), flags);
                        });
}

Napi::Value Connection::LookupByName(const Napi::CallbackInfo& info) {
  Args args(info);
  auto name = args.String("name");
  return StartForDomain(args, "virDomainLookupByName",
                        [name = std::move(name)](virConnectPtr connection) {
                          return virDomainLookupByName(connection, name.c_str());
                        });
}

Napi::Value Connection::LookupByUuid(const Napi::CallbackInfo& info) {
  Args args(info);
  auto uuid = args.String("uuid");
  return StartForDomain(args, "virDomainLookupByUUIDString",
                        [uuid = std::move(uuid)](virConnectPtr connection) {
                          return virDomainLookupByUUIDString(connection, uuid.c_str());
                        });
}

Napi::Value Connection::ListDomains(const Napi::CallbackInfo& info) {
  Args args(info);
  const unsigned flags = args.Uint("flags");
  return StartCall(
      info.Env(), {.handle = this, .ticket = CancelToken::Read(args)},
      [ref = ref_, flags] { return List(ref, flags); },
      [this](Napi::Env env, const std::vector<std::shared_ptr<DomainRef>>& domains) -> Napi::Value {
        auto array = Napi::Array::New(env, domains.size());
        std::uint32_t index = 0;
        for (const auto& domain : domains) array[index++] = Domain::Wrap(env, domain, *this);
        return array;
      });
}

Napi::Value Connection::Watch(const Napi::CallbackInfo& info) {
  Args args(info);
  const auto event = args.String("event");
  auto domain = Domain::ReadOptional(args, "domain");
  const unsigned limit = args.Uint("limit");
  const DomainEvent* kind = FindDomainEvent(event);
  if (kind == nullptr) {
    throw Napi::RangeError::New(info.Env(), "event must be one that is listed, not " + event);
  }
  auto sink = std::make_shared<EventSink>(mailbox(), limit);
  return StartCall(
      info.Env(), {.handle = this, .ticket = CancelToken::Read(args)},
      [ref = ref_, hub = hub_, domain = std::move(domain), kind, sink] {
        return EventRegistration::Start(ref, hub, domain.get(), *kind, sink);
      },
      [this, sink](Napi::Env env, std::shared_ptr<EventRegistration> registration) -> Napi::Value {
        return Subscription::Wrap(env, {std::move(registration), sink}, *this);
      });
}

Napi::Value Connection::Close(const Napi::CallbackInfo& info) { return CloseSoon(info.Env()); }

void Connection::Release() {
  auto mailbox = this->mailbox();
  // Domains that were collected may still be on their way to being freed: the last of them closes
  // the connection, not this call.
  ref_->OnClosed([this, mailbox] { mailbox->Post(std::make_unique<Settled>(*this)); });
  ref_.reset();
}

}  // namespace ballast
