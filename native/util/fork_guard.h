#pragma once

namespace ballast {

// Keeps libuv from closing file descriptors of libvirt's in the processes that libvirt forks.
//
// libuv has the child of every fork close two descriptors of its own, by number. libvirt forks
// twice to start QEMU, and its first child closes all that it did not open: the numbers are free,
// libvirt's next pipe gets one of them, and in the second child libuv closes that pipe. Starting a
// domain then fails with "Unable to notify child process: Bad file descriptor" whenever the numbers
// meet, which they do when Node is started from a shell.
void InstallForkGuard();

}  // namespace ballast
