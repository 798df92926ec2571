#!/usr/bin/env bash
# clang-tidy over the addon, and over the guest agent once it is configured.
source "$(dirname "$0")/lib/common.sh"
source "$(dirname "$0")/lib/node-headers.sh"

use_local_node_headers

# The settings of node-gyp hold two options of g++ that clang does not know, so cmake-js describes
# the build, as for the sanitizers.
readonly native_database=build/sanitize
readonly guest_database=build/guest

[[ -e $native_database/compile_commands.json ]] ||
  cmake-js configure --directory native --out "$native_database"

tidy() {
  local database=$1 directory=$2
  find "$directory" -name '*.cc' -print0 |
    xargs --null --max-args=1 --max-procs="$(nproc)" clang-tidy --quiet -p "$database"
}

tidy "$native_database" native
if [[ -e $guest_database/compile_commands.json ]]; then
  tidy "$guest_database" guest/agent
fi
