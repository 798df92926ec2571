#!/usr/bin/env bash
# The virtual machines of this checkout and its tests: QEMU processes on whose command line, or in
# whose working directory, a path stands that is below build/ or test/ of this checkout, or in a
# directory of its tests: ballast-test-ID-* in the temporary directory, where ID is the start of the
# SHA-256 of the checkout's path (test/support/testDirectory.ts). Those of other checkouts and of
# services are left alone.
#
# `list` prints the process id and command line of each, `check` fails when there are any, `end`
# ends them.
#
# usage: vms.sh list|check|end
source "$(dirname "$0")/lib/common.sh"

readonly grace_s=5
# As Node.js finds it, since the tests make their directories there.
temporary=${TMPDIR:-${TMP:-${TEMP:-/tmp}}}
readonly temporary=${temporary%/}
checkout_id=$(printf %s "$root" | sha256sum)
readonly tests=$temporary/ballast-test-${checkout_id:0:8}-
readonly shown_columns=160

is_ours() {
  local proc=$1 executable cwd arguments
  executable=$(readlink "$proc/exe" 2>/dev/null) || return 1
  [[ ${executable##*/} == qemu-system-* ]] || return 1
  cwd=$(readlink "$proc/cwd" 2>/dev/null) || return 1
  arguments=$(tr '\0' ' ' <"$proc/cmdline" 2>/dev/null) || return 1
  # A path starts after a character that paths do not have, so /a/ballast is not /b/a/ballast.
  local before='[^[:alnum:]._/-]' places=" $cwd/ $arguments"
  [[ $places =~ $before"$root"/(build|test)/ || $places =~ $before"$tests" ]]
}

ours() {
  local proc
  for proc in /proc/[0-9]*; do
    if is_ours "$proc"; then
      say "${proc#/proc/}"
    fi
  done
}

list() {
  local pid
  for pid in $(ours); do
    say "$pid $(tr '\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null | cut -c "1-$shown_columns")"
  done
}

# One that was told to stop may take a moment to go.
check() {
  local waited_s left
  for ((waited_s = 0; waited_s < grace_s; waited_s++)); do
    [[ -n $(ours) ]] || return 0
    sleep 1
  done
  left=$(list)
  [[ -z $left ]] || fail 'virtual machines of this checkout or its tests are still running:' \
    "$left" 'scripts/vms.sh end ends them.'
}

end() {
  local pids waited_s
  mapfile -t pids < <(ours)
  ((${#pids[@]} > 0)) || return 0
  say "[clean] ending ${#pids[@]} virtual machines of this checkout or its tests: ${pids[*]}"
  kill -TERM "${pids[@]}" 2>/dev/null || true
  for ((waited_s = 0; waited_s < grace_s; waited_s++)); do
    [[ -n $(ours) ]] || return 0
    sleep 1
  done
  mapfile -t pids < <(ours)
  kill -KILL "${pids[@]}" 2>/dev/null || true
}

case ${1:-} in
  list) list ;;
  end) end ;;
  check) check ;;
  *) fail 'usage: vms.sh list|check|end' ;;
esac
