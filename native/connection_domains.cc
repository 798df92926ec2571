#include <libvirt/libvirt-qemu.h>

#include <array>
#include <memory>
#include <vector>

#include "connection.h"
#include "domain.h"

namespace ballast {

namespace {

using DomainList = std::vector<std::shared_ptr<DomainRef>>;

DomainList List(const std::shared_ptr<ConnectionRef>& ref, unsigned flags) {
  virDomainPtr* raw = nullptr;
  const int count = Checked<virConnectListAllDomains>(ref->get(), &raw, flags);
  const std::unique_ptr<virDomainPtr, FreeDeleter> array(raw);
  std::vector<OwnedDomain> owned;
  owned.reserve(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) owned.emplace_back(raw[i]);
  DomainList domains;
  domains.reserve(owned.size());
  for (auto& domain : owned) domains.push_back(DomainRef::Adopt(std::move(domain), ref));
  return domains;
}

constexpr std::array kDomainMakerMethods = {
    Wrap<virDomainDefineXMLFlags>("defineDomain", {"xml", "flags"}),
    Wrap<virDomainCreateXML>("createDomain", {"xml", "flags"}),
    Wrap<virDomainCreateXMLWithFiles>("createDomainWithFiles", {"xml", "files", "flags"}),
    Wrap<virDomainLookupByName>("lookupByName", {"name"}),
    Wrap<virDomainLookupByUUIDString>("lookupByUuid", {"uuid"}),
    Wrap<virDomainLookupByID>("lookupById", {"id"}),
    Wrap<virDomainQemuAttach>("attachProcess", {"pid", "flags"}),
    Wrap<virDomainRestoreFlags>("restoreDomain", {"path", "xml?", "flags"}),
    Wrap<virDomainRestoreParams>("restoreDomainWith", {"parameters", "flags"}),
    Wrap<virDomainSaveImageGetXMLDesc>("saveImageXml", {"path", "flags"}),
    Wrap<virDomainSaveImageDefineXML>("defineSaveImageXml", {"path", "xml", "flags"}),
    Wrap<virConnectDomainXMLFromNative>("domainXmlFromNative", {"format", "config", "flags"}),
    Wrap<virConnectDomainXMLToNative>("domainXmlToNative", {"format", "xml", "flags"}),
    Wrap<virConnectNumOfDomains, Gives::kNumber>("activeDomainCount"),
    Wrap<virConnectNumOfDefinedDomains, Gives::kNumber>("inactiveDomainCount"),
};

}  // namespace

ConnectionMethods DomainMakerMethods() { return kDomainMakerMethods; }

Napi::Value Connection::ListDomains(const Napi::CallbackInfo& info) {
  Args args(info);
  const unsigned flags = args.Uint("flags");
  return StartCall(
      info.Env(), {.handle = this, .ticket = CancelToken::Read(args)},
      [ref = ref_, flags] { return List(ref, flags); },
      [this](Napi::Env env, const DomainList& domains) -> Napi::Value {
        auto array = Napi::Array::New(env, domains.size());
        std::uint32_t index = 0;
        for (const auto& domain : domains) array[index++] = WrapDomain(env, domain);
        return array;
      });
}

}  // namespace ballast
