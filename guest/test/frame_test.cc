#include "frame.h"

#include <algorithm>
#include <cstring>

#include "check.h"

namespace ballast {
namespace {

std::string Encode(const Frame& frame) {
  std::string bytes = EncodeFrameStart(frame);
  bytes.append(frame.body.begin(), frame.body.end());
  return bytes;
}

// Feeds the bytes in pieces of random sizes.
std::vector<Frame> Decode(FrameReader& reader, const std::string& bytes) {
  std::vector<Frame> frames;
  std::size_t at = 0;
  while (at < bytes.size()) {
    const FrameReader::Space space = reader.Wanted();
    CHECK(space.size > 0);
    const std::size_t count = std::min(1 + Below(space.size), bytes.size() - at);
    std::memcpy(space.data, bytes.data() + at, count);
    at += count;
    if (auto frame = reader.Commit(count)) {
      frames.push_back(std::move(*frame));
    }
  }
  return frames;
}

Frame RandomFrame() {
  Frame frame;
  frame.id = static_cast<std::uint32_t>(Random()());
  frame.type = static_cast<FrameType>(1 + Below(4));
  frame.head.assign(Below(3) == 0 ? 0 : Below(300), 'h');
  frame.body.assign(Below(3) == 0 ? 0 : Below(5000), static_cast<std::uint8_t>(Below(256)));
  return frame;
}

void WhatIsEncodedIsDecoded() {
  FrameReader reader;
  for (int round = 0; round < 500; ++round) {
    const Frame first = RandomFrame();
    const Frame second = RandomFrame();
    const std::vector<Frame> frames = Decode(reader, Encode(first) + Encode(second));
    CHECK(frames.size() == 2);
    CHECK(frames[0].id == first.id && frames[0].type == first.type);
    CHECK(frames[0].head == first.head && frames[0].body == first.body);
    CHECK(frames[1].head == second.head && frames[1].body == second.body);
  }
}

void BoundsHold() {
  Frame frame;
  frame.head.assign(kMaxHeadBytes, 'h');
  CHECK(EncodeFrameStart(frame).size() == kFrameHeaderBytes + kMaxHeadBytes);
  frame.head += 'h';
  CHECK_THROWS(EncodeFrameStart(frame), FrameError);
  frame.head.clear();
  frame.body.resize(kMaxFrameBytes + 1);
  CHECK_THROWS(EncodeFrameStart(frame), FrameError);
}

void BadHeadersAreRefused() {
  std::string good = EncodeFrameStart(Frame{7, FrameType::kRequest, "{}", {}});
  const auto refused = [&good](std::size_t at, char value) {
    std::string bad = good;
    bad[at] = value;
    FrameReader reader;
    CHECK_THROWS(Decode(reader, bad), FrameError);
  };
  refused(3, 1);   // Longer than 8 MiB.
  refused(4, 3);   // A head longer than the frame.
  refused(12, 0);  // No such types.
  refused(12, 5);
  refused(13, 1);  // The reserved bytes.
  refused(15, 1);
}

// Whatever comes, the reader throws FrameError or goes on, and never holds more than a frame.
void NoiseIsSurvived() {
  for (int round = 0; round < 5000; ++round) {
    FrameReader reader;
    try {
      Decode(reader, Mutate(Encode(RandomFrame()) + Encode(RandomFrame())));
    } catch (const FrameError&) {
      reader.Reset();
    }
    CHECK(reader.Wanted().size <= kMaxFrameBytes);
  }
}

}  // namespace
}  // namespace ballast

int main() {
  ballast::WhatIsEncodedIsDecoded();
  ballast::BoundsHold();
  ballast::BadHeadersAreRefused();
  ballast::NoiseIsSurvived();
}
