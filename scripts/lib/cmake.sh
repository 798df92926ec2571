# shellcheck shell=bash
# What the scripts share that run CMake, from the root of the checkout.

# CMake refuses a build directory that was set up elsewhere, as in a checkout that was moved or
# copied: such a one is made anew.
drop_foreign_build() {
  local directory=$1 cache=$1/CMakeCache.txt
  if [[ -e $cache ]] && ! grep --quiet --fixed-strings --line-regexp \
    "CMAKE_CACHEFILE_DIR:INTERNAL=$PWD/$directory" "$cache"; then
    rm -rf "$directory"
  fi
}

# usage: configure_guest DIRECTORY
configure_guest() {
  drop_foreign_build "$1"
  cmake -S guest -B "$1" -DCMAKE_BUILD_TYPE=Release \
    -DNODE_INCLUDE="$(node -p 'require("node-api-headers").include_dir')"
}

# usage: configure_launcher DIRECTORY
configure_launcher() {
  drop_foreign_build "$1"
  cmake -S native/launcher -B "$1" -DCMAKE_BUILD_TYPE=Release
}
