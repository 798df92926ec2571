#!/usr/bin/env bash
# clang-tidy over the addon, over the benchmark's loop, and over the launcher and the guest agent
# once they are configured.
source "$(dirname "$0")/lib/common.sh"
source "$(dirname "$0")/lib/cmake.sh"
source "$(dirname "$0")/lib/node-headers.sh"

use_local_node_headers

# The settings of node-gyp hold two options of g++ that clang does not know, so cmake-js describes
# the build, as for the sanitizers.
readonly native_database=build/sanitize
readonly guest_database=build/guest
readonly launcher_database=build/launcher

drop_foreign_build "$native_database"
[[ -e $native_database/compile_commands.json ]] ||
  cmake-js configure --directory native --out "$native_database"

tidy() {
  local database=$1 directory=$2
  shift 2
  find "$directory" -name '*.cc' "$@" -print0 |
    xargs --null --max-args=1 --max-procs="$(nproc)" clang-tidy --quiet -p "$database"
}

tidy "$native_database" native -not -path 'native/launcher/*'
read -ra libvirt < <(pkg-config --cflags libvirt libvirt-qemu)
clang-tidy --quiet bench/calls/loop.cc -- -std=c++20 "${libvirt[@]}"
if [[ -e $launcher_database/compile_commands.json ]]; then
  tidy "$launcher_database" native/launcher -not -path '*/test/*'
fi
if [[ -e $guest_database/compile_commands.json ]]; then
  tidy "$guest_database" guest/agent
fi
