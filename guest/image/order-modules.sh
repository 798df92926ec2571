#!/usr/bin/env bash
# Copies kernel modules and what they depend on, uncompressed, and writes the order to load them in.
#
# usage: order-modules.sh MODULES_DIR NAMES_FILE TARGET_DIR
#   MODULES_DIR: usr/lib/modules/VERSION, with `modules.dep` written by depmod
set -euo pipefail

modules=$1 names=$2 target=$3
declare -A done_already=()

add() {
  local path=$1 name dependency dependencies
  [[ -z ${done_already[$path]:-} ]] || return 0
  done_already[$path]=1
  read -ra dependencies < <(sed -n "s|^$path: *||p" "$modules/modules.dep")
  for dependency in "${dependencies[@]}"; do
    add "$dependency"
  done
  name=$(basename "$path")
  name=${name%.xz}
  case $path in
    *.xz) xz --decompress --stdout "$modules/$path" >"$target/$name" ;;
    *) cp "$modules/$path" "$target/$name" ;;
  esac
  printf '%s\n' "$name" >>"$target/modules.list"
}

: >"$target/modules.list"
while read -r name; do
  pattern=${name//[-_]/[-_]}
  if grep --quiet "/$pattern\.ko$" "$modules/modules.builtin"; then
    continue
  fi
  path=$(sed -nE "s|^([^:]*/$pattern\.ko(\.xz)?):.*|\1|p" "$modules/modules.dep" | head -n 1)
  if [[ -z $path ]]; then
    printf 'the kernel in %s has no module %s\n' "$modules" "$name" >&2
    exit 1
  fi
  add "$path"
done < <(sed -e 's/#.*//' -e '/^[[:space:]]*$/d' "$names")
