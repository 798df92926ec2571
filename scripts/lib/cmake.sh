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
