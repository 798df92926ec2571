#include "scratch.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <string>
#include <system_error>

#include "disk.h"
#include "mounts.h"

namespace ballast {
namespace {

constexpr const char* kSerial = "ballast-scratch";
constexpr mode_t kOwnerOnly = 0600;
constexpr std::uint64_t kStatBlockBytes = 512;
// The blocks in which a file system notes where the ballast lies count too, and are known only once
// it lies there.
constexpr int kRounds = 4;

struct Space {
  std::uint64_t free_bytes;
  std::uint64_t available_bytes;
};

Space SpaceOf(int fd) {
  struct statvfs status{};
  Check(::fstatvfs(fd, &status), "statvfs of the scratch disk");
  return {static_cast<std::uint64_t>(status.f_bfree) * status.f_frsize,
          static_cast<std::uint64_t>(status.f_bavail) * status.f_frsize};
}

std::string BytesText(std::uint64_t bytes) { return std::to_string(bytes) + " bytes"; }

}  // namespace

bool Scratch::Mount() {
  if (ballast_) {
    return true;
  }
  const auto device = FindDisk(kSerial);
  if (!device) {
    return false;
  }
  MountScratch(*device);
  const std::string path = std::string(kScratchRoot) + "/ballast";
  UniqueFd ballast(Check(
      ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, kOwnerOnly), path));
  const Space empty = SpaceOf(ballast.get());
  free_bytes_ = empty.free_bytes;
  capacity_bytes_ = empty.available_bytes;
  ballast_ = std::move(ballast);
  return true;
}

void Scratch::SetSize(std::uint64_t bytes) {
  if (!ballast_) {
    throw Failure("not-started", "the scratch disk is not mounted: start the function first");
  }
  if (bytes > capacity_bytes_) {
    throw Failure("bad-request", "the scratch disk has room for " + BytesText(capacity_bytes_) +
                                     ", less than the " + BytesText(bytes) + " it is to offer");
  }
  const std::uint64_t used = UsedBytes();
  if (used > bytes) {
    throw Failure("storage-held",
                  "the files in /tmp take " + BytesText(used) + ", more than the " +
                      BytesText(bytes) + " that they are to be held to",
                  {{"heldBytes", used}});
  }
  SetBallast(capacity_bytes_ - bytes);
}

void Scratch::Sync() const {
  if (ballast_) {
    Check(::syncfs(ballast_.get()), "syncfs of the scratch disk");
  }
}

Json Scratch::Report() const {
  return {{"sizeBytes", capacity_bytes_ - BallastBytes()}, {"usedBytes", UsedBytes()}};
}

std::uint64_t Scratch::BallastBytes() const {
  struct stat status{};
  Check(::fstat(ballast_.get(), &status), "stat the ballast");
  return static_cast<std::uint64_t>(status.st_blocks) * kStatBlockBytes;
}

std::uint64_t Scratch::UsedBytes() const {
  const std::uint64_t unused = SpaceOf(ballast_.get()).free_bytes + BallastBytes();
  return free_bytes_ > unused ? free_bytes_ - unused : 0;
}

void Scratch::SetBallast(std::uint64_t bytes) {
  for (int round = 0; round < kRounds; ++round) {
    const std::uint64_t present = BallastBytes();
    if (present < bytes) {
      Lengthen(bytes - present);
    } else if (present > bytes) {
      Shorten(present - bytes);
    } else {
      return;
    }
  }
}

// Its blocks are taken, and never written: the host keeps its holes.
void Scratch::Lengthen(std::uint64_t bytes) {
  const auto offset = static_cast<off_t>(length_);
  if (::fallocate(ballast_.get(), 0, offset, static_cast<off_t>(bytes)) != 0) {
    const std::error_code cause(errno, std::generic_category());
    Check(::ftruncate(ballast_.get(), offset), "shorten the ballast");
    throw std::system_error(cause, "lengthen the ballast by " + BytesText(bytes));
  }
  length_ += bytes;
}

void Scratch::Shorten(std::uint64_t bytes) {
  const std::uint64_t length = length_ > bytes ? length_ - bytes : 0;
  Check(::ftruncate(ballast_.get(), static_cast<off_t>(length)), "shorten the ballast");
  length_ = length;
}

}  // namespace ballast
