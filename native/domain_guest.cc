#include <libvirt/libvirt-qemu.h>

#include <array>
#include <memory>

#include "domain.h"

namespace ballast {

namespace {

struct FsInfoFree {
  void operator()(virDomainFSInfoPtr info) const { virDomainFSInfoFree(info); }
};

Record FileSystemRecord(const virDomainFSInfo& info) {
  Strings devices;
  for (std::size_t i = 0; i < info.ndevAlias; ++i) devices.emplace_back(info.devAlias[i]);
  return {{"mountPoint", Text(info.mountpoint)},
          {"name", Text(info.name)},
          {"type", Text(info.fstype)},
          {"devices", std::move(devices)}};
}

std::vector<Record> FileSystems(virDomainPtr domain) {
  virDomainFSInfoPtr* raw = nullptr;
  const int count = Checked<virDomainGetFSInfo>(domain, &raw, 0U);
  const std::unique_ptr<virDomainFSInfoPtr, FreeDeleter> array(raw);
  std::vector<Record> systems;
  for (int i = 0; i < count; ++i) {
    const std::unique_ptr<virDomainFSInfo, FsInfoFree> owned(raw[i]);
    systems.push_back(FileSystemRecord(*owned));
  }
  return systems;
}

Record Time(virDomainPtr domain) {
  long long seconds = 0;
  unsigned nanoseconds = 0;
  Checked<virDomainGetTime>(domain, &seconds, &nanoseconds, 0U);
  return {{"seconds", Number(seconds)}, {"nanoseconds", Number(nanoseconds)}};
}

constexpr std::array kGuestMethods = {
    Wrap<virDomainQemuAgentCommand>("agentCommand", {"command", "timeoutSeconds", "flags"}),
    Wrap<virDomainAgentSetResponseTimeout>("setAgentTimeout", {"timeoutSeconds", "flags"}),
    Wrap<virDomainGetGuestInfo>("guestInfo", {"types", "flags"}),
    Wrap<virDomainGetHostname>("guestHostname", {"flags"}),
    Custom<Domain>("fileSystems", [](Args&) { return FileSystems; }),
    Wrap<virDomainFSFreeze, Gives::kNumber>("freezeFileSystems", {"mountPoints", "flags"}),
    Wrap<virDomainFSThaw, Gives::kNumber>("thawFileSystems", {"mountPoints", "flags"}),
    Wrap<virDomainFSTrim>("trimFileSystems", {"mountPoint?", "minimumBytes", "flags"}),
    Custom<Domain>("time", [](Args&) { return Time; }),
    Wrap<virDomainSetTime>("setTime", {"seconds", "nanoseconds", "flags"}),
    Wrap<virDomainSetUserPassword>("setUserPassword", {"user", "password", "flags"}),
    Wrap<virDomainAuthorizedSSHKeysGet>("sshKeys", {"user", "flags"}),
    Wrap<virDomainAuthorizedSSHKeysSet>("setSshKeys", {"user", "keys", "flags"}),
};

}  // namespace

DomainMethods GuestMethods() { return kGuestMethods; }

}  // namespace ballast
