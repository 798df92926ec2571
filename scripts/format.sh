#!/usr/bin/env bash
# Formats the TypeScript and C++ sources in place, and applies the safe fixes of the linter.
source "$(dirname "$0")/lib/common.sh"
source "$(dirname "$0")/lib/sources.sh"

biome check --write
list_cpp_sources | xargs --no-run-if-empty --delimiter='\n' clang-format -i
