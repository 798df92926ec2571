#!/usr/bin/env bash
# Compiles the guest agent, what the guest's Node.js loads, and their tests; CMake recompiles only
# what changed.
source "$(dirname "$0")/lib/common.sh"
source "$(dirname "$0")/lib/cmake.sh"

node_include=$(node -p 'require("node-api-headers").include_dir')

drop_foreign_build build/guest
cmake -S guest -B build/guest -DCMAKE_BUILD_TYPE=Release -DNODE_INCLUDE="$node_include"
cmake --build build/guest --parallel "$(nproc)"
