#include "base64.h"

#include <cstdint>

namespace ballast {
namespace {

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::size_t kGroupBytes = 3;
constexpr std::size_t kGroupCharacters = 4;
constexpr unsigned kBitsPerCharacter = 6;

}  // namespace

std::string Base64(std::string_view bytes) {
  std::string text;
  text.reserve((bytes.size() + 2) / kGroupBytes * kGroupCharacters);
  for (std::size_t at = 0; at < bytes.size(); at += kGroupBytes) {
    const std::size_t count = bytes.size() - at < kGroupBytes ? bytes.size() - at : kGroupBytes;
    std::uint32_t group = 0;
    for (std::size_t i = 0; i < kGroupBytes; ++i) {
      group = group << 8U | (i < count ? static_cast<std::uint8_t>(bytes[at + i]) : 0U);
    }
    for (std::size_t i = 0; i < kGroupCharacters; ++i) {
      const unsigned shift = kBitsPerCharacter * static_cast<unsigned>(kGroupCharacters - 1 - i);
      text += i <= count ? kAlphabet[(group >> shift) & 0x3FU] : '=';
    }
  }
  return text;
}

}  // namespace ballast
