#pragma once

#include <chrono>
#include <cstdint>
#include <vector>

namespace ballast {

// Memory that the agent takes from the guest and does nothing with: zeroed and locked, so that the
// function cannot have it and the host may merge its pages into one.
class MemoryHold {
 public:
  MemoryHold() = default;
  MemoryHold(const MemoryHold&) = delete;
  MemoryHold& operator=(const MemoryHold&) = delete;
  ~MemoryHold() = default;

  // Takes or gives back until it holds `target_bytes` rounded down to whole chunks, for about
  // `bound` at the most. Never takes what the kernel needs to stay alive, so it may stop short.
  void Adjust(std::uint64_t target_bytes, std::chrono::milliseconds bound);

  [[nodiscard]] std::uint64_t held_bytes() const;

 private:
  // One locked mapping of kChunkBytes.
  class Chunk {
   public:
    Chunk();
    Chunk(Chunk&& other) noexcept;
    Chunk& operator=(Chunk&& other) noexcept;
    Chunk(const Chunk&) = delete;
    Chunk& operator=(const Chunk&) = delete;
    ~Chunk();

   private:
    void* address_ = nullptr;
  };

  std::vector<Chunk> chunks_;
};

}  // namespace ballast
