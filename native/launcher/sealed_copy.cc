#include "sealed_copy.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

namespace ballast {
namespace {

// What one call may copy at the most: Linux's own bound is a little under 2 GiB.
constexpr off_t kMaxCopyBytes = 1 << 30;

[[noreturn]] void ThrowErrno(const std::string& what) {
  throw std::system_error(errno, std::generic_category(), what);
}

template <typename Result>
Result Check(Result result, const std::string& what) {
  if (result < 0) {
    ThrowErrno(what);
  }
  return result;
}

class Source {
 public:
  explicit Source(const std::string& path)
      : fd_(Check(::open(path.c_str(), O_RDONLY | O_CLOEXEC), "open " + path)) {}
  ~Source() { ::close(fd_); }
  Source(const Source&) = delete;
  Source& operator=(const Source&) = delete;
  Source(Source&&) = delete;
  Source& operator=(Source&&) = delete;
  [[nodiscard]] int fd() const { return fd_; }

 private:
  int fd_;
};

// Copies [at, end). `sendfile` writes at the target's own position.
void CopyRange(int source, int target, off_t at, off_t end, const std::string& path) {
  Check(::lseek(target, at, SEEK_SET), "lseek the copy of " + path);
  while (at < end) {
    const auto wanted = static_cast<std::size_t>(std::min(end - at, kMaxCopyBytes));
    // It moves `at` on.
    if (Check(::sendfile(target, source, &at, wanted), "copy " + path) == 0) {
      throw std::system_error(EIO, std::generic_category(), path + " became shorter");
    }
  }
}

void CopyData(int source, int target, off_t size, const std::string& path) {
  off_t at = 0;
  while (at < size) {
    const off_t data = ::lseek(source, at, SEEK_DATA);
    if (data < 0 && errno == ENXIO) {
      return;
    }
    Check(data, "find the data of " + path);
    at = Check(::lseek(source, data, SEEK_HOLE), "find the holes of " + path);
    CopyRange(source, target, data, at, path);
  }
}

int MakeSealedCopy(const std::string& path) {
  const Source source(path);
  struct stat status{};
  Check(::fstat(source.fd(), &status), "stat " + path);
  const int target =
      Check(::memfd_create("ballast-ram", MFD_CLOEXEC | MFD_ALLOW_SEALING), "memfd_create");
  try {
    Check(::ftruncate(target, status.st_size), "give the copy the size of " + path);
    CopyData(source.fd(), target, status.st_size, path);
    constexpr int kAllSeals = F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL;
    Check(::fcntl(target, F_ADD_SEALS, kAllSeals), "seal the copy of " + path);
  } catch (...) {
    ::close(target);
    throw;
  }
  return target;
}

}  // namespace

SealedCopy::SealedCopy(const std::string& path) : fd_(MakeSealedCopy(path)) {}

SealedCopy::~SealedCopy() { ::close(fd_); }

std::string SealedCopy::path() const {
  return "/proc/" + std::to_string(::getpid()) + "/fd/" + std::to_string(fd_);
}

}  // namespace ballast
