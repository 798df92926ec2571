#!/usr/bin/env bash
# Compiles the programs that run on the host as QEMU's user, and their tests.
source "$(dirname "$0")/lib/common.sh"
source "$(dirname "$0")/lib/cmake.sh"

configure_launcher build/launcher
cmake --build build/launcher --parallel "$(nproc)"
