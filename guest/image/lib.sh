# shellcheck shell=bash
# What the scripts of the image builder share. Source it first.
set -euo pipefail
export LC_ALL=C
# Where Debian puts depmod, which is not on every user's path.
export PATH=$PATH:/usr/sbin:/sbin
# Whatever is stamped with a time gets this one, so that equal inputs make an equal image.
export SOURCE_DATE_EPOCH=1735689600
umask 022

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
checkout=$(cd "$here/../.." && pwd)
readonly here checkout
# shellcheck disable=SC2034 # For those who source it.
readonly suite=trixie
# What Debian gives to the image: root.tar and packages.txt.
# shellcheck disable=SC2034
readonly debian=$checkout/build/debian

say() { printf '[image] %s\n' "$*"; }
fail() {
  printf '[image] %s\n' "$@" >&2
  exit 1
}

# Fails with the names of programs that are missing, of lines with a program and its package.
require_tools() {
  local tool package missing=()
  while read -r tool package; do
    command -v "$tool" >/dev/null || missing+=("$tool (package $package)")
  done
  ((${#missing[@]} == 0)) || fail "missing: ${missing[*]}" "Run 'make setup', or install them."
}

# Makes a directory for what is being built, which goes when the script ends.
make_work() {
  mkdir -p "$checkout/build"
  work=$(mktemp --directory "$checkout/build/image.XXXXXX")
  trap 'chmod --recursive u+rwX "$work"; rm -rf "$work"' EXIT
  chmod 755 "$work"
  mkdir "$work/out"
}

# Puts what was built in its place, with the digest of what it was built from.
#
# usage: finish TARGET DIGEST
finish() {
  printf '%s\n' "$2" >"$work/out/.inputs"
  rm -rf "$1"
  mv "$work/out" "$1"
  say "built $(du --human-readable --summarize "$1" | cut --fields 1) in $1"
}

# usage: is_current TARGET DIGEST
is_current() { [[ $(cat "$1/.inputs" 2>/dev/null) == "$2" ]]; }
