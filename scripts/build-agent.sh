#!/usr/bin/env bash
# Compiles the guest agent, what the guest's Node.js loads, and their tests; CMake recompiles only
# what changed.
source "$(dirname "$0")/lib/common.sh"
source "$(dirname "$0")/lib/cmake.sh"

configure_guest build/guest
cmake --build build/guest --parallel "$(nproc)"
