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

// Writable by everyone, for the function's files.
void MountScratch(const std::string& device);

}  // namespace ballast
