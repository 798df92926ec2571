#include "sealed_copy.h"

#include <fcntl.h>
#include <linux/falloc.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>
#include <system_error>

#include "check.h"

namespace {

constexpr off_t kSize = 16 << 20;
constexpr off_t kAt = 5 << 20;

// A sparse file that holds a few bytes in its middle.
std::string MakeFile() {
  std::string path = std::filesystem::temp_directory_path() /
                     ("ballast-sealed-copy-" + std::to_string(::getpid()));
  std::ofstream(path).seekp(kAt) << "template";
  std::filesystem::resize_file(path, kSize);
  return path;
}

std::string TextAt(int fd, off_t at) {
  std::array<char, 8> text{};
  CHECK(::pread(fd, text.data(), text.size(), at) == static_cast<ssize_t>(text.size()));
  return {text.data(), text.size()};
}

void CopiesDataAndHoles(const ballast::SealedCopy& copy) {
  struct stat status{};
  CHECK(::fstat(copy.fd(), &status) == 0);
  CHECK(status.st_size == kSize);
  CHECK(status.st_blocks * 512 < kSize / 4);
  CHECK(TextAt(copy.fd(), kAt) == "template");
  CHECK(TextAt(copy.fd(), 0) == std::string(8, '\0'));
}

// As QEMU opens and maps it, and what it does when it discards memory.
void NobodyCanChangeIt(const ballast::SealedCopy& copy) {
  const int fd = ::open(copy.path().c_str(), O_RDWR | O_CLOEXEC);
  CHECK(fd >= 0);
  CHECK(::pwrite(fd, "x", 1, kAt) < 0 && errno == EPERM);
  CHECK(::ftruncate(fd, 0) < 0 && errno == EPERM);
  CHECK(::ftruncate(fd, kSize * 2) < 0 && errno == EPERM);
  CHECK(::fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, kSize) < 0);
  CHECK(::mmap(nullptr, kSize, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) == MAP_FAILED);
  void* mapped = ::mmap(nullptr, kSize, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
  CHECK(mapped != MAP_FAILED);
  std::memset(static_cast<char*>(mapped) + kAt, 'x', 8);
  ::madvise(mapped, kSize, MADV_REMOVE);
  CHECK(TextAt(fd, kAt) == "template");
  ::munmap(mapped, kSize);
  ::close(fd);
}

}  // namespace

int main() {
  const std::string path = MakeFile();
  {
    const ballast::SealedCopy copy(path);
    CopiesDataAndHoles(copy);
    NobodyCanChangeIt(copy);
  }
  std::filesystem::remove(path);
  CHECK_THROWS(ballast::SealedCopy(path), std::system_error);
}
