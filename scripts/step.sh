#!/usr/bin/env bash
# Runs one long step so that its output stays readable: a line at its start, one every quarter of a
# minute, one at its end. What the command prints goes to build/log/NAME.log; its tail is shown only
# when the command fails.
#
# usage: step.sh NAME WHAT COMMAND...
source "$(dirname "$0")/lib/common.sh"

readonly heartbeat_s=15
readonly tail_lines=40

(($# >= 3)) || fail 'usage: step.sh NAME WHAT COMMAND...'
name=$1
what=$2
shift 2
log=build/log/$name.log
mkdir -p build/log

heartbeat() {
  local never last
  # A read that can only time out waits without a child process, so that ending this shell ends all.
  exec {never}<> <(:)
  while true; do
    read -r -t "$heartbeat_s" -u "$never" || true
    last=$(tail -n 1 "$log" | tr -d '\r' | cut -c 1-72)
    say "[$name] still at it after ${SECONDS} s${last:+: $last}"
  done
}

say "[$name] $what"
: >"$log"
heartbeat &
heartbeat_pid=$!
trap 'kill "$heartbeat_pid" 2>/dev/null || true' EXIT

# The flags of the make that called belong to it: tools with a make of their own choose theirs.
status=0
env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL "$@" >"$log" 2>&1 </dev/null || status=$?

if ((status != 0)); then
  {
    say "[$name] FAILED with status $status after ${SECONDS} s. The end of $log:"
    tail -n "$tail_lines" "$log" | sed 's/^/    /'
  } >&2
  exit "$status"
fi
say "[$name] done in ${SECONDS} s"
