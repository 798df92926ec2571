#include "domain.h"

#include <array>
#include <string>

#include "connection.h"
#include "util/construct.h"
#include "util/failure.h"
#include "util/record.h"

namespace ballast {

namespace {

using DomainPtr = std::shared_ptr<DomainRef>;

// The number is that of the moment: a handle keeps the one it had when it was made.
Value CurrentId(virDomainPtr domain) {
  std::array<unsigned char, VIR_UUID_BUFLEN> uuid{};
  Check("virDomainGetUUID", virDomainGetUUID(domain, uuid.data()));
  const OwnedDomain now(Check("virDomainLookupByUUID",
                              virDomainLookupByUUID(virDomainGetConnect(domain), uuid.data())));
  const unsigned id = virDomainGetID(now.get());
  return id == static_cast<unsigned>(-1) ? Value(nullptr) : Value(static_cast<double>(id));
}

}  // namespace

Napi::Function Domain::Define(Napi::Env env) {
  return DefineClass(
      env, "Domain",
      {
          InstanceAccessor<&Domain::Name>("name"),
          InstanceAccessor<&Domain::Uuid>("uuid"),
          InstanceMethod<&Domain::Id>("id"),
          InstanceMethod<&Domain::Xml>("xml"),
          InstanceMethod<&Domain::GetState>("state"),
          InstanceMethod<&Domain::GetInfo>("info"),
          InstanceMethod<&Domain::IsPersistent>("isPersistent"),
          InstanceMethod<&Domain::Start>("start"),
          InstanceMethod<&Domain::Resume>("resume"),
          InstanceMethod<&Domain::Suspend>("suspend"),
          InstanceMethod<&Domain::Shutdown>("shutdown"),
          InstanceMethod<&Domain::Destroy>("destroy"),
          InstanceMethod<&Domain::Undefine>("undefine"),
          InstanceMethod<&Domain::AbortJob>("abortJob"),
          InstanceMethod<&Domain::SetMemory>("setMemory"),
          InstanceMethod<&Domain::MemoryStats>("memoryStats"),
          InstanceMethod<&Domain::SetMemoryStatsPeriod>("setMemoryStatsPeriod"),
          InstanceMethod<&Domain::UpdateDevice>("updateDevice"),
          InstanceMethod<&Domain::MonitorCommand>("monitorCommand"),
          InstanceMethod<&Domain::MonitorCommandWithFiles>("monitorCommandWithFiles"),
          InstanceMethod<&Domain::Close>("close"),
      });
}

Domain::Domain(const Napi::CallbackInfo& info)
    : HandleWrap(info, "domain"),
      ref_(TakeInit<DomainPtr>(info)),
      name_(ref_->name()),
      uuid_(ref_->uuid()) {}

Napi::Object Domain::Wrap(Napi::Env env, DomainPtr ref, Connection& parent) {
  const Napi::Object object = Construct(env, EnvState::Of(env).domain_class, ref);
  Unwrap(object)->AttachTo(parent, parent.Value());
  return object;
}

DomainPtr Domain::ReadOptional(Args& args, const char* name) {
  const Napi::Value value = args.Next();
  if (value.IsNull() || value.IsUndefined()) return nullptr;
  const auto& domain_class = EnvState::Of(args.Env()).domain_class;
  if (!value.IsObject() || !value.As<Napi::Object>().InstanceOf(domain_class.Value())) {
    throw Napi::TypeError::New(args.Env(), std::string(name) + " must be a domain");
  }
  Domain* domain = Unwrap(value.As<Napi::Object>());
  if (!domain->IsOpen()) throw Napi::TypeError::New(args.Env(), std::string(name) + " is closed");
  return domain->ref_;
}

Napi::Value Domain::Command(const Napi::CallbackInfo& info, const char* name,
                            int (*call)(virDomainPtr)) {
  Args args(info);
  return Call(args, [name, call](virDomainPtr domain) {
    Check(name, call(domain));
    return Nothing{};
  });
}

Napi::Value Domain::Command(const Napi::CallbackInfo& info, const char* name,
                            int (*call)(virDomainPtr, unsigned)) {
  Args args(info);
  const unsigned flags = args.Uint("flags");
  return Call(args, [name, call, flags](virDomainPtr domain) {
    Check(name, call(domain, flags));
    return Nothing{};
  });
}

Napi::Value Domain::Name(const Napi::CallbackInfo& info) {
  return Napi::String::New(info.Env(), name_);
}

Napi::Value Domain::Uuid(const Napi::CallbackInfo& info) {
  return Napi::String::New(info.Env(), uuid_);
}

Napi::Value Domain::Id(const Napi::CallbackInfo& info) {
  Args args(info);
  return Call(args, CurrentId);
}

Napi::Value Domain::Xml(const Napi::CallbackInfo& info) {
  Args args(info);
  const unsigned flags = args.Uint("flags");
  return Call(args, [flags](virDomainPtr domain) {
    return TakeString("virDomainGetXMLDesc", virDomainGetXMLDesc(domain, flags));
  });
}

Napi::Value Domain::GetState(const Napi::CallbackInfo& info) {
  Args args(info);
  return Call(args, [](virDomainPtr domain) {
    int state = 0;
    int reason = 0;
    Check("virDomainGetState", virDomainGetState(domain, &state, &reason, 0));
    return Record{{"state", state * 1.0}, {"reason", reason * 1.0}};
  });
}

Napi::Value Domain::GetInfo(const Napi::CallbackInfo& info) {
  Args args(info);
  return Call(args, [](virDomainPtr domain) {
    virDomainInfo raw{};
    Check("virDomainGetInfo", virDomainGetInfo(domain, &raw));
    return Record{{"state", raw.state * 1.0},
                  {"maxMemoryKib", static_cast<double>(raw.maxMem)},
                  {"memoryKib", static_cast<double>(raw.memory)},
                  {"vcpus", raw.nrVirtCpu * 1.0},
                  {"cpuTimeNs", BigCount{raw.cpuTime}}};
  });
}

Napi::Value Domain::IsPersistent(const Napi::CallbackInfo& info) {
  Args args(info);
  return Call(args, [](virDomainPtr domain) {
    return Check("virDomainIsPersistent", virDomainIsPersistent(domain)) == 1;
  });
}

Napi::Value Domain::Start(const Napi::CallbackInfo& info) {
  return Command(info, "virDomainCreateWithFlags", virDomainCreateWithFlags);
}

Napi::Value Domain::Resume(const Napi::CallbackInfo& info) {
  return Command(info, "virDomainResume", virDomainResume);
}

Napi::Value Domain::Suspend(const Napi::CallbackInfo& info) {
  return Command(info, "virDomainSuspend", virDomainSuspend);
}

Napi::Value Domain::Shutdown(const Napi::CallbackInfo& info) {
  return Command(info, "virDomainShutdownFlags", virDomainShutdownFlags);
}

Napi::Value Domain::Destroy(const Napi::CallbackInfo& info) {
  Args args(info);
  const unsigned flags = args.Uint("flags");
  const Order order = args.Bool("overtake") ? Order::kOvertake : Order::kKeep;
  return Call(
      args,
      [flags](virDomainPtr domain) {
        Check("virDomainDestroyFlags", virDomainDestroyFlags(domain, flags));
        return Nothing{};
      },
      order);
}

Napi::Value Domain::Undefine(const Napi::CallbackInfo& info) {
  return Command(info, "virDomainUndefineFlags", virDomainUndefineFlags);
}

Napi::Value Domain::AbortJob(const Napi::CallbackInfo& info) {
  Args args(info);
  // The job to be aborted is itself a call of this domain that runs.
  return Call(
      args,
      [](virDomainPtr domain) {
        Check("virDomainAbortJob", virDomainAbortJob(domain));
        return Nothing{};
      },
      Order::kOvertake);
}

Napi::Value Domain::Close(const Napi::CallbackInfo& info) { return CloseSoon(info.Env()); }

void Domain::Release() {
  const Mailbox* owner = mailbox().get();
  CallPool::Instance().Reap(owner, [this, ref = std::move(ref_), mailbox = mailbox()]() mutable {
    ref.reset();
    mailbox->Post(std::make_unique<Settled>(*this));
  });
}

}  // namespace ballast
