#include "util/event_loop.h"

#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>
#include <pthread.h>

#include <chrono>
#include <mutex>
#include <thread>

#include "util/failure.h"
#include "util/fork_guard.h"

namespace ballast {

namespace {

constexpr auto kPauseAfterFailure = std::chrono::milliseconds(100);

void RunEvents() {
  pthread_setname_np(pthread_self(), "ballast-events");
  for (;;) {
    if (virEventRunDefaultImpl() < 0) std::this_thread::sleep_for(kPauseAfterFailure);
  }
}

// Every error reaches the caller as an exception; libvirt would print it to stderr as well.
void IgnoreError(void*, virErrorPtr) {}

}  // namespace

void EnsureLibvirt() {
  static std::once_flag guard;
  std::call_once(guard, InstallForkGuard);
  static std::once_flag once;
  // A failure leaves the flag unset, so that the next connection tries again.
  std::call_once(once, [] {
    Check("virInitialize", virInitialize());
    virSetErrorFunc(nullptr, IgnoreError);
    Check("virEventRegisterDefaultImpl", virEventRegisterDefaultImpl());
    // Detached: libvirt has no call that ends its loop, and it holds nothing of any environment.
    std::thread(RunEvents).detach();
  });
}

}  // namespace ballast
