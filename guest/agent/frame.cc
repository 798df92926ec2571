#include "frame.h"

#include <climits>
#include <utility>

namespace ballast {
namespace {

std::uint32_t LoadLittle32(const std::uint8_t* bytes) {
  std::uint32_t value = 0;
  for (unsigned i = 0; i < sizeof value; ++i) {
    value |= static_cast<std::uint32_t>(bytes[i]) << (CHAR_BIT * i);
  }
  return value;
}

void AppendLittle32(std::string& out, std::uint32_t value) {
  for (unsigned i = 0; i < sizeof value; ++i) {
    out.push_back(static_cast<char>((value >> (CHAR_BIT * i)) & 0xFFU));
  }
}

void CheckLengths(std::size_t length, std::size_t head_length) {
  if (length > kMaxFrameBytes) {
    throw FrameError("a frame of " + std::to_string(length) + " bytes, at most " +
                     std::to_string(kMaxFrameBytes) + " are allowed");
  }
  if (head_length > kMaxHeadBytes || head_length > length) {
    throw FrameError("a head of " + std::to_string(head_length) + " bytes in a frame of " +
                     std::to_string(length) + ", at most " + std::to_string(kMaxHeadBytes) +
                     " are allowed");
  }
}

}  // namespace

std::string EncodeFrameStart(const Frame& frame) {
  const std::size_t length = frame.head.size() + frame.body.size();
  CheckLengths(length, frame.head.size());
  std::string out;
  out.reserve(kFrameHeaderBytes + frame.head.size());
  AppendLittle32(out, static_cast<std::uint32_t>(length));
  AppendLittle32(out, static_cast<std::uint32_t>(frame.head.size()));
  AppendLittle32(out, frame.id);
  out.push_back(static_cast<char>(frame.type));
  out.append(3, '\0');
  out += frame.head;
  return out;
}

std::size_t FrameReader::PartSize() const {
  switch (part_) {
    case Part::kHeader:
      return header_.size();
    case Part::kHead:
      return frame_.head.size();
    case Part::kBody:
      break;
  }
  return frame_.body.size();
}

FrameReader::Space FrameReader::Wanted() {
  void* start = header_.data();
  if (part_ == Part::kHead) {
    start = frame_.head.data();
  } else if (part_ == Part::kBody) {
    start = frame_.body.data();
  }
  return {static_cast<std::uint8_t*>(start) + filled_, PartSize() - filled_};
}

std::optional<Frame> FrameReader::Commit(std::size_t bytes) {
  filled_ += bytes;
  // A part can be empty, so that one commit may complete several of them.
  while (filled_ == PartSize()) {
    filled_ = 0;
    switch (part_) {
      case Part::kHeader:
        ParseHeader();
        part_ = Part::kHead;
        break;
      case Part::kHead:
        part_ = Part::kBody;
        break;
      case Part::kBody:
        part_ = Part::kHeader;
        return std::exchange(frame_, Frame{});
    }
  }
  return std::nullopt;
}

void FrameReader::ParseHeader() {
  const std::uint32_t length = LoadLittle32(&header_[0]);
  const std::uint32_t head_length = LoadLittle32(&header_[4]);
  const std::uint8_t type = header_[12];
  CheckLengths(length, head_length);
  if (type < static_cast<std::uint8_t>(FrameType::kEvent) ||
      type > static_cast<std::uint8_t>(FrameType::kFailure)) {
    throw FrameError("a frame of type " + std::to_string(type) + ", 1 to 4 are allowed");
  }
  if ((header_[13] | header_[14] | header_[15]) != 0) {
    throw FrameError("a frame header whose last three bytes are not zero");
  }
  frame_.id = LoadLittle32(&header_[8]);
  frame_.type = static_cast<FrameType>(type);
  frame_.head.resize(head_length);
  frame_.body.resize(length - head_length);
}

void FrameReader::Reset() {
  part_ = Part::kHeader;
  filled_ = 0;
  frame_ = Frame{};
}

}  // namespace ballast
