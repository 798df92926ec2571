#pragma once

namespace ballast {

// Prepares libvirt for this process, once: its errors are kept off stderr, and one thread runs its
// default event loop, which must exist before the first connection opens. Throws a Failure.
// To be called on a pool thread.
void EnsureLibvirt();

}  // namespace ballast
