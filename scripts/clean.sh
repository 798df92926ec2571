#!/usr/bin/env bash
# Removes what was built, and any virtual machine of this checkout. The state of a service is the
# user's and stays.
source "$(dirname "$0")/lib/common.sh"

# A service that runs would start machines again, from files that are being removed.
service_pids() {
  local proc arguments
  for proc in /proc/[0-9]*; do
    [[ $(readlink "$proc/exe" 2>/dev/null) == */node ]] || continue
    arguments=$(tr '\0' ' ' <"$proc/cmdline" 2>/dev/null) || continue
    if [[ $(readlink "$proc/cwd" 2>/dev/null) == "$root" && $arguments == *' build/src/'* ]] ||
      [[ $arguments == *" $root/build/src/"* ]]; then
      printf '%s ' "${proc#/proc/}"
    fi
  done
}

running=$(service_pids)
[[ -z $running ]] || fail "a service of this checkout is running (process ${running% })." \
  'Stop it first: press Ctrl-C where it runs, or end that process.'

scripts/vms.sh end
rm -rf build .tap
