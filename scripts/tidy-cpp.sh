#!/usr/bin/env bash
# clang-tidy over the addon, over the benchmark's loop, and over the launcher and the guest agent.
source "$(dirname "$0")/lib/common.sh"
source "$(dirname "$0")/lib/cmake.sh"
source "$(dirname "$0")/lib/node-headers.sh"

use_local_node_headers

# How far the analyzer follows the paths of one function: the 225,000 steps that it goes where
# nobody says else take five times as long for the longest functions, and found nothing more.
readonly max_steps=30000

# usage: tidy DATABASE FILE...
tidy() {
  local database=$1
  shift
  printf '%s\0' "$@" |
    xargs --null --max-args=1 --max-procs="$(nproc)" \
      clang-tidy --quiet -p "$database" \
      --extra-arg={-Xclang,-analyzer-config,-Xclang,max-nodes="$max_steps"}
}

# The sources that a build compiles, but for tests.
sources_of() {
  node -p '
    const built = JSON.parse(fs.readFileSync(process.argv[1] + "/compile_commands.json", "utf8"));
    built.map(({ file }) => file).filter((file) => !file.includes("/test/")).join("\n");
  ' "$1"
}

# Nearly all of the time goes into what sources include, so many of them are looked at as one. The
# analyzer follows the paths of what another source includes only where that one has a name such as
# WebKit gives to its.
#
# usage: unify DATABASE
unify() {
  local unit directory name
  find "$1" -name 'unity_*.cxx' -print0 | while IFS= read -rd '' unit; do
    directory=$(dirname "$unit")
    name=$(basename "$unit" .cxx)
    sed '/^#include/s|$|  // NOLINT(bugprone-suspicious-include)|' "$unit" \
      >"$directory/UnifiedSource-$name.cpp"
  done
  sed --in-place 's|/unity_\([0-9]*_cxx\)\.cxx|/UnifiedSource-unity_\1.cpp|g' \
    "$1/compile_commands.json"
}

# usage: tidy_build NAME CONFIGURE
# CONFIGURE is called with a build directory.
tidy_build() {
  local database=build/tidy/$1 configure=$2 files
  "$configure" "$database"
  unify "$database"
  mapfile -t files < <(sources_of "$database")
  tidy "$database" "${files[@]}"
}

# The settings of node-gyp hold two options of g++ that clang does not know, so cmake-js describes
# the build, as for the sanitizers.
configure_native() {
  drop_foreign_build "$1"
  cmake-js configure --directory native --out "$1"
}

tidy_build native configure_native
tidy_build guest configure_guest

tidy_build launcher configure_launcher

read -ra libvirt < <(pkg-config --cflags libvirt libvirt-qemu)
clang-tidy --quiet bench/calls/loop.cc -- -std=c++20 "${libvirt[@]}"
