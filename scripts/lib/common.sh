# shellcheck shell=bash
# What the scripts share. Source it first; it leaves the caller in the root of the checkout.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
cd "$root"

# One argument per line.
say() {
  printf '%s\n' "$@"
}

# Ends the script: what went wrong first, then what to do about it, one argument per line.
fail() {
  printf 'error: %s\n' "$1" >&2
  shift
  if (($# > 0)); then
    printf '       %s\n' "$@" >&2
  fi
  exit 1
}
