// What libvirt's calls take in a loop in C++: the least that they can take in a binding.
//
// usage: loop URI MS DOMAIN...
//
// It makes each call on the first domain for so many milliseconds, and writes how long one took on
// average, in microseconds, as JSON.
#include <libvirt/libvirt-qemu.h>
#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <thread>

namespace {

using Clock = std::chrono::steady_clock;
using Call = void (*)(virDomainPtr domain);

constexpr int kWarmUps = 50;

[[noreturn]] void Fail(const char* what) {
  std::fprintf(stderr, "loop: %s: %s\n", what, virGetLastErrorMessage());
  std::exit(1);
}

void Info(virDomainPtr domain) {
  virDomainInfo info{};
  if (virDomainGetInfo(domain, &info) < 0) Fail("virDomainGetInfo");
}

void MemoryStats(virDomainPtr domain) {
  std::array<virDomainMemoryStatStruct, VIR_DOMAIN_MEMORY_STAT_NR> stats{};
  if (virDomainMemoryStats(domain, stats.data(), stats.size(), 0) < 0) Fail("virDomainMemoryStats");
}

void QueryStatus(virDomainPtr domain) {
  char* reply = nullptr;
  if (virDomainQemuMonitorCommand(domain, R"({"execute":"query-status"})", &reply, 0) < 0) {
    Fail("virDomainQemuMonitorCommand");
  }
  std::free(reply);
}

double MicrosecondsOf(virDomainPtr domain, Call call, std::chrono::milliseconds duration) {
  for (int i = 0; i < kWarmUps; ++i) call(domain);
  const auto start = Clock::now();
  long calls = 0;
  auto now = start;
  for (; now - start < duration; now = Clock::now()) {
    call(domain);
    ++calls;
  }
  const std::chrono::duration<double, std::micro> taken = now - start;
  return taken.count() / static_cast<double>(calls);
}

void RunEvents() {
  while (virEventRunDefaultImpl() == 0) {
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 4) Fail("usage: loop URI MS DOMAIN...");
  const std::chrono::milliseconds duration(std::stol(argv[2]));
  if (virEventRegisterDefaultImpl() < 0) Fail("virEventRegisterDefaultImpl");
  std::thread(RunEvents).detach();
  virConnectPtr connection = virConnectOpen(argv[1]);
  if (connection == nullptr) Fail("virConnectOpen");
  virDomainPtr domain = virDomainLookupByName(connection, argv[3]);
  if (domain == nullptr) Fail("virDomainLookupByName");
  std::printf(R"({"info":%f,"memoryStats":%f,"queryStatus":%f})"
              "\n",
              MicrosecondsOf(domain, Info, duration), MicrosecondsOf(domain, MemoryStats, duration),
              MicrosecondsOf(domain, QueryStatus, duration));
  virDomainFree(domain);
  virConnectClose(connection);
}
