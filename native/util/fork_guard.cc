#include "util/fork_guard.h"

#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>

#include <array>
#include <cstddef>

namespace ballast {

namespace {

// What the first child opens takes the lowest free numbers.
constexpr int kFirst = 3;
constexpr int kCount = 32;

struct Saved {
  int copy = -1;
  int flags = 0;
};

pid_t node_process = 0;
std::array<Saved, kCount> saved;

// Only what is safe between fork and exec may be called in these.

void CloseCopies() {
  for (auto& entry : saved) {
    if (entry.copy >= 0) close(entry.copy);
    entry.copy = -1;
  }
}

void BeforeFork() {
  if (getpid() == node_process) return;
  for (std::size_t i = 0; i < saved.size(); ++i) {
    const int fd = kFirst + static_cast<int>(i);
    Saved& entry = saved.at(i);
    entry.flags = fcntl(fd, F_GETFD);
    if (entry.flags >= 0) entry.copy = fcntl(fd, F_DUPFD_CLOEXEC, kFirst + kCount);
  }
}

// Runs after libuv's handler, which was installed before this one.
void InChild() {
  for (std::size_t i = 0; i < saved.size(); ++i) {
    const Saved& entry = saved.at(i);
    if (entry.copy < 0) continue;
    dup3(entry.copy, kFirst + static_cast<int>(i), (entry.flags & FD_CLOEXEC) != 0 ? O_CLOEXEC : 0);
  }
  CloseCopies();
}

}  // namespace

void InstallForkGuard() {
  node_process = getpid();
  pthread_atfork(BeforeFork, CloseCopies, InChild);
}

}  // namespace ballast
