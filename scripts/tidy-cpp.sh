#!/usr/bin/env bash
# clang-tidy over the addon, over the benchmark's loop, and over the launcher and the guest agent.
source "$(dirname "$0")/lib/common.sh"
source "$(dirname "$0")/lib/cmake.sh"
source "$(dirname "$0")/lib/node-headers.sh"

use_local_node_headers

# How far the analyzer follows the paths of one function: the 225,000 steps that it goes where
# nobody says else take five times as long for the longest functions, and found nothing more.
readonly max_steps=30000

# usage: tidy CHECKS DATABASE FILE...
tidy() {
  local checks=$1 database=$2
  shift 2
  printf '%s\0' "$@" |
    xargs --null --max-args=1 --max-procs="$(nproc)" \
      clang-tidy --quiet --checks="$checks" -p "$database" \
      --extra-arg={-Xclang,-analyzer-config,-Xclang,max-nodes="$max_steps"}
}

# The sources that a build compiles, but for tests.
sources_of() {
  node -p '
    const built = JSON.parse(fs.readFileSync(process.argv[1] + "/compile_commands.json", "utf8"));
    built.map(({ file }) => file).filter((file) => !file.includes("/test/")).join("\n");
  ' "$1"
}

# Most checks look at all that a source includes, and take a tenth of the time where many sources
# are one. The analyzer follows the paths of the source only, and needs each by itself, as does the
# check of what it includes.
#
# usage: tidy_build NAME CONFIGURE
# CONFIGURE is called with a build directory and options of CMake.
tidy_build() {
  local name=$1 configure=$2 files
  "$configure" "build/tidy/$name-units" -DUNITY=ON
  mapfile -t files < <(sources_of "build/tidy/$name-units")
  tidy '-clang-analyzer-*,-bugprone-suspicious-include' "build/tidy/$name-units" "${files[@]}"
  "$configure" "build/tidy/$name" -DUNITY=OFF
  mapfile -t files < <(sources_of "build/tidy/$name")
  tidy '-*,clang-analyzer-*,bugprone-suspicious-include' "build/tidy/$name" "${files[@]}"
}

# The settings of node-gyp hold two options of g++ that clang does not know, so cmake-js describes
# the build, as for the sanitizers.
configure_native() {
  drop_foreign_build "$1"
  cmake-js configure --directory native --out "$1" --CD"${2#-D}"
}

tidy_build native configure_native
tidy_build guest configure_guest

configure_launcher build/tidy/launcher
mapfile -t files < <(sources_of build/tidy/launcher)
tidy '' build/tidy/launcher "${files[@]}"

read -ra libvirt < <(pkg-config --cflags libvirt libvirt-qemu)
clang-tidy --quiet bench/calls/loop.cc -- -std=c++20 "${libvirt[@]}"
