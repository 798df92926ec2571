#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>

#include "bytes.h"

namespace ballast {

constexpr std::size_t kFrameHeaderBytes = 16;
constexpr std::uint32_t kMaxFrameBytes = 8U << 20U;
constexpr std::uint32_t kMaxHeadBytes = 64U << 10U;

enum class FrameType : std::uint8_t { kEvent = 1, kRequest = 2, kReply = 3, kFailure = 4 };

struct Frame {
  std::uint32_t id = 0;
  FrameType type = FrameType::kEvent;
  std::string head;
  Bytes body;
};

// What the other end sent is not a frame. The stream cannot be read any further.
class FrameError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// The header and the head of a frame. The body follows as it is, so that it need not be copied.
// Throws FrameError when the frame is outside the protocol's bounds.
std::string EncodeFrameStart(const Frame& frame);

// Takes a stream of bytes apart. The caller reads at most `wanted().size` bytes into
// `wanted().data`, then says how many it got. Nothing beyond one frame is ever held.
class FrameReader {
 public:
  struct Space {
    void* data;
    std::size_t size;
  };

  Space Wanted();

  // Returns the frame that these bytes completed, if they did. Throws FrameError.
  std::optional<Frame> Commit(std::size_t bytes);

  void Reset();

 private:
  enum class Part : std::uint8_t { kHeader, kHead, kBody };

  void ParseHeader();
  [[nodiscard]] std::size_t PartSize() const;

  Part part_ = Part::kHeader;
  std::size_t filled_ = 0;
  std::array<std::uint8_t, kFrameHeaderBytes> header_{};
  Frame frame_;
};

}  // namespace ballast
