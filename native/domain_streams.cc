#include <array>
#include <optional>
#include <string>

#include "domain.h"
#include "stream.h"

namespace ballast {

namespace {

struct Opened {
  std::shared_ptr<StreamRef> stream;
  // What the stream carries, where libvirt says so.
  Value type = nullptr;
};

// `open` connects a new stream to something of the domain.
template <class Open>
Napi::Value OpenStream(Domain& domain, Args& args, Open open) {
  auto bell = std::make_shared<StreamBell>(EnvState::Of(args.Env()).mailbox);
  return domain.Call(
      args,
      [bell, open = std::move(open)](const DomainRef& ref) {
        Opened opened{StreamRef::Open(ref.connection(), bell)};
        opened.type = open(ref.get(), opened.stream->get());
        return opened;
      },
      [&domain](Napi::Env env, Opened opened) -> Napi::Value {
        auto object = Napi::Object::New(env);
        object.Set("stream", Stream::Wrap(env, std::move(opened.stream), domain, domain.Value()));
        object.Set("type", ToJs(env, opened.type));
        return object;
      });
}

// virDomainOpenConsole and virDomainOpenChannel, which differ in what the name is of.
template <auto Function>
Napi::Value OpenByName(Domain& domain, Args& args, const Method<Domain>&) {
  auto device = args.OptionalString("device");
  const unsigned flags = args.Uint("flags");
  return OpenStream(domain, args,
                    [device = std::move(device), flags](virDomainPtr raw, virStreamPtr stream) {
                      Checked<Function>(raw, device ? device->c_str() : nullptr, stream, flags);
                      return Value(nullptr);
                    });
}

Napi::Value Screenshot(Domain& domain, Args& args, const Method<Domain>&) {
  const unsigned screen = args.Uint("screen");
  return OpenStream(domain, args, [screen](virDomainPtr raw, virStreamPtr stream) {
    return Value(TakeName(Checked<virDomainScreenshot>(raw, stream, screen, 0U)));
  });
}

constexpr std::array kStreamMethods = {
    Method<Domain>{"openConsole", {}, OpenByName<virDomainOpenConsole>},
    Method<Domain>{"openChannel", {}, OpenByName<virDomainOpenChannel>},
    Method<Domain>{"screenshot", {}, Screenshot},
};

}  // namespace

DomainMethods StreamMethods() { return kStreamMethods; }

}  // namespace ballast
