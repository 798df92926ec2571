#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <string>

// Ends the test program at the first thing that does not hold, and says where.
#define CHECK(condition)                                                   \
  do {                                                                     \
    if (!(condition)) {                                                    \
      std::fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition); \
      std::exit(1);                                                        \
    }                                                                      \
  } while (false)

#define CHECK_THROWS(expression, type) \
  do {                                 \
    bool threw = false;                \
    try {                              \
      static_cast<void>(expression);   \
    } catch (const type&) {            \
      threw = true;                    \
    }                                  \
    CHECK(threw);                      \
  } while (false)

namespace ballast {

// Equal on every run, so that what it finds can be found again.
inline std::mt19937& Random() {
  static std::mt19937 random(20240607);
  return random;
}

inline std::size_t Below(std::size_t bound) {
  return std::uniform_int_distribution<std::size_t>(0, bound - 1)(Random());
}

// Changes, drops or repeats a few bytes.
inline std::string Mutate(std::string text) {
  for (std::size_t change = 0; change <= Below(4) && !text.empty(); ++change) {
    const std::size_t at = Below(text.size());
    switch (Below(3)) {
      case 0:
        text[at] = static_cast<char>(Below(256));
        break;
      case 1:
        text.erase(at, 1 + Below(8));
        break;
      default:
        text.insert(at, text.substr(Below(text.size()), 1 + Below(16)));
    }
  }
  return text;
}

}  // namespace ballast
