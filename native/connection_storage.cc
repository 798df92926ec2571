#include <array>
#include <memory>
#include <string>
#include <utility>

#include "connection.h"
#include "stream.h"

namespace ballast {

namespace {

struct PoolFree {
  void operator()(virStoragePoolPtr pool) const { virStoragePoolFree(pool); }
};
using OwnedPool = std::unique_ptr<virStoragePool, PoolFree>;

struct VolumeFree {
  void operator()(virStorageVolPtr volume) const { virStorageVolFree(volume); }
};
using OwnedVolume = std::unique_ptr<virStorageVol, VolumeFree>;

OwnedPool FindPool(virConnectPtr connection, const std::string& name) {
  return OwnedPool(Checked<virStoragePoolLookupByName>(connection, name.c_str()));
}

OwnedVolume FindVolume(virConnectPtr connection, const std::string& path) {
  return OwnedVolume(Checked<virStorageVolLookupByPath>(connection, path.c_str()));
}

// virStorageVolUpload and virStorageVolDownload, which differ in the direction.
template <auto Function>
Napi::Value OpenVolume(Connection& connection, Args& args, const Method<Connection>&) {
  auto path = args.String("path");
  const auto offset = args.Count("offsetBytes");
  const auto length = args.Count("lengthBytes");
  auto bell = std::make_shared<StreamBell>(EnvState::Of(args.Env()).mailbox);
  return connection.Call(
      args,
      [path = std::move(path), offset, length, bell](const std::shared_ptr<ConnectionRef>& ref) {
        auto stream = StreamRef::Open(ref, bell);
        const OwnedVolume volume = FindVolume(ref->get(), path);
        Checked<Function>(volume.get(), stream->get(), offset, length, 0U);
        return stream;
      },
      [&connection](Napi::Env env, std::shared_ptr<StreamRef> stream) -> Napi::Value {
        return Stream::Wrap(env, std::move(stream), connection, connection.Value());
      });
}

constexpr std::array kStorageMethods = {
    Custom<Connection>("createPool",
                       [](Args& args) {
                         return [xml = args.String("xml")](virConnectPtr connection) {
                           const OwnedPool pool(
                               Checked<virStoragePoolCreateXML>(connection, xml.c_str(), 0U));
                           return std::string(Checked<virStoragePoolGetName>(pool.get()));
                         };
                       }),
    Custom<Connection>("destroyPool",
                       [](Args& args) {
                         return [name = args.String("name")](virConnectPtr connection) {
                           const OwnedPool pool = FindPool(connection, name);
                           Checked<virStoragePoolDestroy>(pool.get());
                           return Nothing{};
                         };
                       }),
    Custom<Connection>(
        "createVolume",
        [](Args& args) {
          return [name = args.String("pool"), xml = args.String("xml")](virConnectPtr connection) {
            const OwnedPool pool = FindPool(connection, name);
            const OwnedVolume volume(Checked<virStorageVolCreateXML>(pool.get(), xml.c_str(), 0U));
            return TakeString("virStorageVolGetPath", virStorageVolGetPath(volume.get()));
          };
        }),
    Custom<Connection>("deleteVolume",
                       [](Args& args) {
                         return [path = args.String("path")](virConnectPtr connection) {
                           const OwnedVolume volume = FindVolume(connection, path);
                           Checked<virStorageVolDelete>(volume.get(), 0U);
                           return Nothing{};
                         };
                       }),
    Method<Connection>{"uploadVolume", {}, OpenVolume<virStorageVolUpload>},
    Method<Connection>{"downloadVolume", {}, OpenVolume<virStorageVolDownload>},
};

}  // namespace

ConnectionMethods StorageMethods() { return kStorageMethods; }

}  // namespace ballast
