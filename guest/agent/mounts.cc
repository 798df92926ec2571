#include "mounts.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string>

#include "posix.h"

namespace ballast {
namespace {

constexpr const char* kNewRoot = "/newroot";

void Mount(const std::string& source, const std::string& target, const std::string& type,
           unsigned long flags, const std::string& options = "") {
  const void* data = options.empty() ? nullptr : options.c_str();
  Check(::mount(source.c_str(), target.c_str(), type.c_str(), flags, data),
        "mount " + type + " on " + target);
}

void MakeDirectory(const std::string& path) {
  if (::mkdir(path.c_str(), 0755) != 0 && errno != EEXIST) {
    ThrowErrno("mkdir " + path);
  }
}

void Link(const std::string& target, const std::string& path) {
  if (::symlink(target.c_str(), path.c_str()) != 0 && errno != EEXIST) {
    ThrowErrno("symlink " + path);
  }
}

// Frees the memory of the initramfs. Mounted directories, on other devices, are left alone.
// NOLINTNEXTLINE(misc-no-recursion): the initramfs is the image builder's and three levels deep.
void RemoveTree(int directory, dev_t device) {
  DIR* raw = ::fdopendir(directory);
  if (raw == nullptr) {
    ::close(directory);
    return;
  }
  while (const dirent* entry = ::readdir(raw)) {
    const std::string name = static_cast<const char*>(entry->d_name);
    struct stat status{};
    if (name == "." || name == ".." ||
        ::fstatat(::dirfd(raw), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0 ||
        status.st_dev != device) {
      continue;
    }
    if (S_ISDIR(status.st_mode)) {
      const int child = ::openat(::dirfd(raw), name.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
      if (child >= 0) {
        RemoveTree(child, device);
      }
    }
    ::unlinkat(::dirfd(raw), name.c_str(), S_ISDIR(status.st_mode) ? AT_REMOVEDIR : 0);
  }
  ::closedir(raw);
}

void RemoveInitramfs(int directory) {
  struct stat status{};
  Check(::fstat(directory, &status), "stat the initramfs");
  RemoveTree(directory, status.st_dev);
}

}  // namespace

void MountKernelFilesystems() {
  for (const char* path : {"/proc", "/sys", "/dev"}) {
    MakeDirectory(path);
  }
  // A function sees its own processes only, not the agent.
  Mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, "hidepid=2");
  Mount("sysfs", "/sys", "sysfs", MS_NOSUID | MS_NODEV | MS_NOEXEC);
  Mount("devtmpfs", "/dev", "devtmpfs", MS_NOSUID, "mode=755");
  Mount("cgroup2", "/sys/fs/cgroup", "cgroup2", MS_NOSUID | MS_NODEV | MS_NOEXEC);
}

void SwitchRoot(const std::string& device) {
  MakeDirectory(kNewRoot);
  Mount(device, kNewRoot, "erofs", MS_RDONLY | MS_NODEV);
  const std::string root = kNewRoot;
  for (const char* path : {"/proc", "/sys", "/dev"}) {
    Check(::mount(path, (root + path).c_str(), nullptr, MS_MOVE, nullptr),
          std::string("move the mount ") + path);
  }
  UniqueFd old_root = Open("/", O_RDONLY | O_DIRECTORY);
  Check(::chdir(kNewRoot), "chdir to the new root");
  Check(::mount(".", "/", nullptr, MS_MOVE, nullptr), "move the new root to /");
  Check(::chroot("."), "chroot to the new root");
  Check(::chdir("/"), "chdir to /");
  RemoveInitramfs(old_root.release());

  Mount("tmpfs", "/run", "tmpfs", MS_NOSUID | MS_NODEV, "mode=755,size=1m");
  MakeDirectory("/dev/shm");
  Mount("tmpfs", "/dev/shm", "tmpfs", MS_NOSUID | MS_NODEV, "mode=1777");
  Link("/proc/self/fd", "/dev/fd");
  Link("/proc/self/fd/0", "/dev/stdin");
  Link("/proc/self/fd/1", "/dev/stdout");
  Link("/proc/self/fd/2", "/dev/stderr");
}

void MountTask(const std::string& device) {
  Mount(device, "/var/task", "erofs", MS_RDONLY | MS_NOSUID | MS_NODEV);
}

void MountScratch(const std::string& device) {
  MakeDirectory(kScratchRoot);
  // With `discard` the host gets back the blocks of whatever is deleted. The inode tables are holes
  // of the host's file, which are zeros already.
  Mount(device, kScratchRoot, "ext4", MS_NOSUID | MS_NODEV | MS_NOATIME, "discard,noinit_itable");
  Check(::chmod(kScratchRoot, 0700), "chmod the root of the scratch disk");
  const std::string files = std::string(kScratchRoot) + "/files";
  MakeDirectory(files);
  Check(::chmod(files.c_str(), 01777), "chmod " + files);
  Mount(files, "/tmp", "none", MS_BIND);
}

}  // namespace ballast
