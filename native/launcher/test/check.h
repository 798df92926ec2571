#pragma once

#include <cstdio>
#include <cstdlib>

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
