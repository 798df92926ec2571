#include "machine.h"

#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/reboot.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <cstring>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>

#include "cgroup.h"
#include "disk.h"
#include "modules.h"
#include "mounts.h"
#include "posix.h"

namespace ballast {
namespace {

constexpr std::chrono::milliseconds kDiskPoll{2};
constexpr std::chrono::seconds kDiskBound{10};
constexpr std::string_view kHostName = "ballast";

std::string AwaitDisk(const std::string& serial) {
  const auto give_up = std::chrono::steady_clock::now() + kDiskBound;
  while (std::chrono::steady_clock::now() < give_up) {
    if (const auto device = FindDisk(serial)) {
      return *device;
    }
    std::this_thread::sleep_for(kDiskPoll);
  }
  throw std::runtime_error("no disk with the serial " + serial + " appeared within 10 s");
}

void RaiseLoopback() {
  const UniqueFd socket(Check(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), "socket"));
  ifreq request{};
  std::strncpy(request.ifr_name, "lo", IFNAMSIZ - 1);
  Check(::ioctl(socket.get(), SIOCGIFFLAGS, &request), "read the loopback's flags");
  request.ifr_flags = static_cast<short>(request.ifr_flags | IFF_UP);
  Check(::ioctl(socket.get(), SIOCSIFFLAGS, &request), "raise the loopback");
}

void TuneKernel() {
  // Functions get no way to a wider kernel interface, nor to what the kernel logs.
  TryWriteFile("/proc/sys/user/max_user_namespaces", "0");
  TryWriteFile("/proc/sys/kernel/dmesg_restrict", "1");
  // A page of 2 MiB for every touched byte would eat small limits, and pin what is to be claimed.
  TryWriteFile("/sys/kernel/mm/transparent_hugepage/enabled", "madvise");
}

// Those that the kernel was told to leave for later: see KeepQuotasInUse.
void StartProcessors() {
  const long count = ::sysconf(_SC_NPROCESSORS_CONF);
  for (long processor = 1; processor < count; ++processor) {
    TryWriteFile("/sys/devices/system/cpu/cpu" + std::to_string(processor) + "/online", "1");
  }
}

}  // namespace

void BootMachine() {
  MountKernelFilesystems();
  LoadModules("/modules");
  SwitchRoot(AwaitDisk("ballast-root"));
  TuneKernel();
  KeepQuotasInUse();
  RaiseLoopback();
  Check(::sethostname(kHostName.data(), kHostName.size()), "sethostname");
  StartProcessors();
}

void PowerOff(const std::string& why) {
  Log("switching the machine off: " + why);
  ::sync();
  ::reboot(RB_POWER_OFF);
  // Only a process without the right to do so gets here.
  ::_exit(1);
}

}  // namespace ballast
