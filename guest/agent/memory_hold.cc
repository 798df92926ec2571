#include "memory_hold.h"

#include <sys/mman.h>

#include <cerrno>
#include <cstddef>
#include <system_error>
#include <utility>

#include "meminfo.h"
#include "posix.h"

namespace ballast {
namespace {

using Clock = std::chrono::steady_clock;

// The grain of what is plugged by virtio-mem too, so that sizes mean the same.
constexpr std::size_t kHoldChunkBytes = 2UL << 20U;

bool IsOutOfMemory(const std::system_error& error) {
  const int number = error.code().value();
  return number == ENOMEM || number == EAGAIN;
}

}  // namespace

MemoryHold::Chunk::Chunk() {
  address_ =
      ::mmap(nullptr, kHoldChunkBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (address_ == MAP_FAILED) {
    address_ = nullptr;
    ThrowErrno("mmap");
  }
  // Populates it: the kernel zeroes each page, and none is shared with the zero page.
  if (::mlock(address_, kHoldChunkBytes) != 0) {
    const int number = errno;
    ::munmap(std::exchange(address_, nullptr), kHoldChunkBytes);
    throw std::system_error(number, std::generic_category(), "mlock");
  }
}

MemoryHold::Chunk::Chunk(Chunk&& other) noexcept
    : address_(std::exchange(other.address_, nullptr)) {}

MemoryHold::Chunk& MemoryHold::Chunk::operator=(Chunk&& other) noexcept {
  std::swap(address_, other.address_);
  return *this;
}

MemoryHold::Chunk::~Chunk() {
  if (address_ != nullptr) {
    ::munmap(address_, kHoldChunkBytes);
  }
}

void MemoryHold::Adjust(std::uint64_t target_bytes, std::chrono::milliseconds bound) {
  const std::size_t target = target_bytes / kHoldChunkBytes;
  if (chunks_.size() > target) {
    chunks_.erase(chunks_.begin() + static_cast<std::ptrdiff_t>(target), chunks_.end());
  }
  const auto give_up = Clock::now() + bound;
  while (chunks_.size() < target && Clock::now() < give_up &&
         ReadMeminfo().free_bytes >= kKernelSpareBytes + kHoldChunkBytes) {
    try {
      chunks_.emplace_back();
    } catch (const std::system_error& error) {
      if (!IsOutOfMemory(error)) {
        throw;
      }
      return;
    }
  }
}

std::uint64_t MemoryHold::held_bytes() const { return chunks_.size() * kHoldChunkBytes; }

}  // namespace ballast
