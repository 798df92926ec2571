#include "connection.h"

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "authenticator.h"
#include "domain.h"
#include "event_kind.h"
#include "subscription.h"
#include "util/construct.h"
#include "util/event_loop.h"
#include "util/method_list.h"
#include "util/typed_params.h"

namespace ballast {

namespace {

using ConnectionPtr = std::shared_ptr<ConnectionRef>;

}  // namespace

Napi::Function Connection::Define(Napi::Env env) {
  MethodList<Connection> list{
      InstanceMethod<&Connection::ListDomains>("listDomains"),
      InstanceMethod<&Connection::DomainStats>("domainStats"),
      InstanceMethod<&Connection::Watch>("watch"),
      InstanceMethod<&Connection::MigrateHere>("migrateHere"),
      InstanceMethod<&Connection::Close>("close"),
  };
  for (const ConnectionMethods methods : {HostMethods(), HypervisorCpuMethods(), NodeMethods(),
                                          DomainMakerMethods(), StorageMethods()}) {
    AddMethods<&Connection::Invoke>(list, methods);
  }
  return DefineClass(env, "Connection", list);
}

Connection::Connection(const Napi::CallbackInfo& info)
    : HandleWrap(info, "connection"), ref_(TakeInit<ConnectionPtr>(info)) {}

Napi::Value Connection::Connect(const Napi::CallbackInfo& info) {
  Args args(info);
  auto uri = args.String("uri");
  const unsigned flags = args.Uint("flags");
  const std::chrono::microseconds busy_poll(args.Uint("busyPollUs"));
  auto authenticator = Authenticator::Read(args, "authenticate");
  const Mailbox* owner = EnvState::Of(info.Env()).mailbox.get();
  return StartCall(
      info.Env(), {.ticket = CancelToken::Read(args)},
      [uri = std::move(uri), flags, authenticator, owner] {
        EnsureLibvirt();
        return ConnectionRef::Adopt(authenticator->Open(uri.c_str(), flags), owner);
      },
      [authenticator, busy_poll](Napi::Env env, ConnectionPtr ref) -> Napi::Value {
        const Napi::Object object = Construct(env, EnvState::Of(env).connection_class, ref);
        Unwrap(object)->SetBusyPoll(busy_poll);
        return object;
      });
}

Napi::Value Connection::Invoke(const Napi::CallbackInfo& info) {
  const auto& method = *static_cast<const Method<Connection>*>(info.Data());
  Args args(info);
  return method.start(*this, args, method);
}

Napi::Value Connection::WrapDomain(Napi::Env env, std::shared_ptr<DomainRef> domain) {
  return Domain::Wrap(env, std::move(domain), *this);
}

Napi::Value Connection::Watch(const Napi::CallbackInfo& info) {
  Args args(info);
  const auto event = args.String("event");
  auto domain = Domain::ReadOptional(args, "domain");
  const unsigned limit = args.Uint("limit");
  auto kind = EventKind::Find(event);
  if (!kind) {
    throw Napi::RangeError::New(info.Env(), "event must be one that is listed, not " + event);
  }
  auto sink = std::make_shared<EventSink>(mailbox(), limit);
  return StartCall(
      info.Env(), {.handle = this, .ticket = CancelToken::Read(args)},
      [ref = ref_, hub = hub_, domain = std::move(domain), kind = *std::move(kind), sink] {
        return EventRegistration::Start(ref, hub, domain.get(), kind, sink);
      },
      [this, sink](Napi::Env env, std::shared_ptr<EventRegistration> registration) -> Napi::Value {
        return Subscription::Wrap(env, {std::move(registration), sink}, *this);
      });
}

Napi::Value Connection::MigrateHere(const Napi::CallbackInfo& info) {
  Args args(info);
  auto domain = Domain::ReadOptional(args, "domain");
  if (domain == nullptr) throw Napi::TypeError::New(info.Env(), "domain must be a domain");
  auto parameters = TypedParams::Read(args, "parameters");
  const unsigned flags = args.Uint("flags");
  // It is a call of the domain that moves, and keeps its place among those.
  const CallSite site{
      .handle = this, .strand = domain->strand(), .ticket = CancelToken::Read(args)};
  return StartCall(
      info.Env(), site,
      [ref = ref_, domain = std::move(domain), parameters = std::move(parameters), flags] {
        OwnedDomain moved(Checked<virDomainMigrate3>(domain->get(), ref->get(), parameters.data(),
                                                     static_cast<unsigned>(parameters.size()),
                                                     flags));
        return DomainRef::Adopt(std::move(moved), ref);
      },
      [this](Napi::Env env, std::shared_ptr<DomainRef> moved) {
        return WrapDomain(env, std::move(moved));
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
