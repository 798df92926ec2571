#pragma once

#include <string>

namespace ballast {

// Mounts what the kernel offers: /proc, /sys, /dev and the cgroups.
void MountKernelFilesystems();

// Makes the erofs disk `device` the root, frees the initramfs, and mounts what a root needs
// besides.
void SwitchRoot(const std::string& device);

// Read-only, for the function's code.
void MountTask(const std::string& device);

// Where the whole of the scratch disk is mounted, for nobody but root.
constexpr const char* kScratchRoot = "/run/scratch";

// Writable by everyone, for the function's files: a directory of the disk is mounted on /tmp.
void MountScratch(const std::string& device);

}  // namespace ballast
