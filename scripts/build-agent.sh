#!/usr/bin/env bash
# Compiles the guest agent and its tests; CMake recompiles only what changed.
source "$(dirname "$0")/lib/common.sh"

cmake -S guest -B build/guest -DCMAKE_BUILD_TYPE=Release
cmake --build build/guest --parallel "$(nproc)"
