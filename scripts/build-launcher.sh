#!/usr/bin/env bash
# Compiles the programs that run on the host as QEMU's user, and their tests.
source "$(dirname "$0")/lib/common.sh"
source "$(dirname "$0")/lib/cmake.sh"

drop_foreign_build build/launcher
cmake -S native/launcher -B build/launcher -DCMAKE_BUILD_TYPE=Release
cmake --build build/launcher --parallel "$(nproc)"
