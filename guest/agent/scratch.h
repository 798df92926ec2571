#pragma once

#include <cstdint>

#include "failure.h"
#include "posix.h"

namespace ballast {

// The function's scratch disk. It is provisioned at the largest size that there is; a ballast file
// on it, which the function can neither see nor write, holds back what a size leaves out.
class Scratch {
 public:
  // Mounts the disk on /tmp, unless that is done. False while the kernel has not found it.
  bool Mount();

  // Lets the function use so many bytes of the mounted disk. Throws Failure `storage-held`, and
  // nothing has changed, when its files take more.
  void SetSize(std::uint64_t bytes);

  // Writes to the disk what the guest's page cache holds of it.
  void Sync() const;

  // STORAGE of the protocol.
  [[nodiscard]] Json Report() const;

 private:
  [[nodiscard]] std::uint64_t BallastBytes() const;
  [[nodiscard]] std::uint64_t UsedBytes() const;
  void SetBallast(std::uint64_t bytes);
  void Lengthen(std::uint64_t bytes);
  void Shorten(std::uint64_t bytes);

  UniqueFd ballast_;
  std::uint64_t length_ = 0;
  // Of the disk when it was mounted, without any file: all that is free, and what of it files can
  // have. The kernel keeps the difference to itself.
  std::uint64_t free_bytes_ = 0;
  std::uint64_t capacity_bytes_ = 0;
};

}  // namespace ballast
