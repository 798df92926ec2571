#include "domain.h"

#include "connection.h"
#include "util/construct.h"
#include "util/method_list.h"

namespace ballast {

namespace {

using DomainPtr = std::shared_ptr<DomainRef>;

}  // namespace

Napi::Function Domain::Define(Napi::Env env) {
  MethodList<Domain> list{
      InstanceAccessor<&Domain::Name>("name"),
      InstanceAccessor<&Domain::Uuid>("uuid"),
      InstanceMethod<&Domain::Close>("close"),
  };
  for (const DomainMethods methods :
       {BlockMethods(), BlockJobMethods(), CheckpointMethods(), CpuMethods(), DeviceMethods(),
        GuestMethods(), InterfaceMethods(), JobMethods(), LifecycleMethods(), MemoryMethods(),
        MigrationMethods(), QmpMethods(), SaveMethods(), SecurityMethods(), SnapshotMethods(),
        StateMethods(), StreamMethods(), TuningMethods()}) {
    AddMethods<&Domain::Invoke>(list, methods);
  }
  return DefineClass(env, "Domain", list);
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

Napi::Value Domain::Name(const Napi::CallbackInfo& info) {
  return Napi::String::New(info.Env(), name_);
}

Napi::Value Domain::Uuid(const Napi::CallbackInfo& info) {
  return Napi::String::New(info.Env(), uuid_);
}

Napi::Value Domain::Invoke(const Napi::CallbackInfo& info) {
  const auto& method = *static_cast<const Method<Domain>*>(info.Data());
  Args args(info);
  return method.start(*this, args, method);
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
