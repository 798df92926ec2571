#pragma once

#include "bytes.h"

namespace ballast {

// Mixes bytes that nobody else knows into the kernel's random state, and has every generator in the
// machine take its numbers from the new state at once: two clones of one template were alike
// before.
void AddEntropy(const Bytes& bytes);

}  // namespace ballast
