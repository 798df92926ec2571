#!/usr/bin/env bash
# Every check and test of the project, one phase after the other, over what `make setup` built (the
# types were checked when it compiled). A phase that fails does not keep the next from running; the
# last line counts tests, with each check that is not a test suite as one.
source "$(dirname "$0")/lib/common.sh"

readonly program_test_timeout_s=120
readonly shown_failure_lines=200
readonly tap_log=build/log/tap.txt
readonly calls_log=build/log/libvirt-calls.txt
readonly ctest_log=build/log/ctest.txt

passed=0
failed=0
skipped=0
table=()
# The checks that run beside the phases, and the leaders of their sessions.
declare -A beside

# Adds the counts that a suite reported; a suite that reported none died, which is one failure.
count() {
  if (($# < 2)); then
    failed=$((failed + 1))
    return
  fi
  passed=$((passed + $1))
  failed=$((failed + $2))
  skipped=$((skipped + ${3:-0}))
}

count_check() {
  if (($1 == 0)); then count 1 0; else count 0 1; fi
}

# What tap wrote ends with a line such as "# { total: 142, pass: 136, fail: 6 }" at the margin.
# Names of tests may hold any bytes.
count_tap() {
  local summary
  summary=$(grep --text '^# { total: ' "$tap_log" | tail -n 1) || true
  if [[ -n $summary ]]; then
    count "$(field_of "$summary" pass)" "$(field_of "$summary" fail)" "$(field_of "$summary" skip)"
  else
    count
  fi
}

# A field that is nought is left out.
field_of() {
  if [[ $1 =~ $2:\ ([0-9]+) ]]; then say "${BASH_REMATCH[1]}"; else say 0; fi
}

# The line that is read: "91% tests passed, 2 tests failed out of 22".
count_ctest() {
  if [[ $(<"$ctest_log") =~ ([0-9]+)\ tests\ failed\ out\ of\ ([0-9]+) ]]; then
    count $((BASH_REMATCH[2] - BASH_REMATCH[1])) "${BASH_REMATCH[1]}"
  else
    count
  fi
}

# Runs a command as a phase. The function that counts is told its status.
#
# usage: phase NAME COUNT COMMAND...
phase() {
  local name=$1 counter=$2 status=0 started_s=$SECONDS
  shift 2
  say '' "== $name"
  "$@" </dev/null || status=$?
  "$counter" "$status"
  local result=ok
  ((status == 0)) || result=FAILED
  table+=("$(printf '  %-7s %5d s  %s' "$result" "$((SECONDS - started_s))" "$name")")
}

# usage: run_ctest BUILD_DIRECTORY
run_ctest() {
  ctest --test-dir "$1" --output-on-failure --timeout "$program_test_timeout_s" |
    tee "$ctest_log"
}

# usage: run_tap TEST...
run_tap() {
  local status=0
  node --enable-source-maps build/test/runner.js "$@" >"$tap_log" || status=$?
  if ((status != 0)); then
    say "-- the failures, from $tap_log:"
    awk '/^ *not ok /{ shown = 1 } shown { print } /^ *\.\.\.$/ { shown = 0 }' "$tap_log" |
      head -n "$shown_failure_lines"
  fi
  return "$status"
}

# libvirt logs its part: each function of its interface tells when it is called.
run_binding() {
  rm -f "$calls_log"
  LIBVIRT_LOG_FILTERS=1:libvirt LIBVIRT_LOG_OUTPUTS="1:file:$root/$calls_log" \
    run_tap build/test/lib/*.test.js
}

run_others() {
  local tests
  mapfile -t tests < <(find build/test -name '*.test.js' -not -path 'build/test/lib/*' | sort)
  run_tap "${tests[@]}"
}

check_called() {
  node --enable-source-maps build/test/libvirtCoverage/tested.js "$calls_log"
}

# Vagrant keeps its own state below build/, not in the home directory.
run_vagrant() {
  VAGRANT_CWD=vagrant VAGRANT_HOME=$root/build/vagrant VAGRANT_CHECKPOINT_DISABLE=1 \
    VAGRANT_DOTFILE_PATH=$root/build/vagrant/machine vagrant validate
}

# Makes what the tests would make over and over: templates, and what libvirt knows of QEMU.
make_ground() {
  TEST_GROUND_DIR=$(node --enable-source-maps build/test/support/makeGround.js) || return
  export TEST_GROUND_DIR
}

end_beside() {
  local check
  for check in "${!beside[@]}"; do kill -- "-${beside[$check]}" 2>/dev/null || true; done
}

remove_ground() {
  if [[ -n ${TEST_GROUND_DIR:-} ]]; then rm -rf "$TEST_GROUND_DIR"; fi
}

# Starts a check beside what follows: tests of real machines wait a sixth of their time. It gets
# what they leave, as a session of its own: the kernel shares processors out among sessions.
#
# usage: start_beside SCRIPT
start_beside() {
  setsid bash -c '
    echo 19 2>/dev/null >/proc/self/autogroup || true
    exec nice -n 19 "scripts/$1.sh"' bash "$1" >"build/log/$1.txt" 2>&1 </dev/null &
  beside[$1]=$!
}

# usage: await_beside SCRIPT
await_beside() {
  local status=0
  wait "${beside[$1]}" || status=$?
  unset "beside[$1]"
  ((status == 0)) || cat "build/log/$1.txt"
  return "$status"
}

mkdir -p build/log
unset TEST_GROUND_DIR
trap 'end_beside; remove_ground' EXIT
start_beside tidy-cpp
start_beside lint
phase 'what tests share' count_check make_ground
phase 'Vagrantfile' count_check run_vagrant
phase 'guest agent' count_ctest run_ctest build/guest
phase "programs that run as QEMU's user" count_ctest run_ctest build/launcher
phase 'addon under sanitizers' count_check scripts/sanitize.sh
phase 'binding' count_tap run_binding
phase 'functions of libvirt that the tests call' count_check check_called
phase 'service and real virtual machines' count_tap run_others
phase 'static analysis of the C++ sources, beside the others' count_check await_beside tidy-cpp
phase 'format, lint, imports, unused code, beside the others' count_check await_beside lint
phase 'no virtual machine is left' count_check scripts/vms.sh check

say '' "== summary after ${SECONDS} s"
printf '%s\n' "${table[@]}"
say "$passed passed, $failed failed, $skipped skipped"
((failed == 0))
