#!/usr/bin/env bash
# Builds the addon with AddressSanitizer and UndefinedBehaviorSanitizer and runs its tests over it.
#
# The tests with the embedded driver are left out. libvirt forks this process, which has many
# threads, and allocates memory in the child before it executes QEMU; the sanitizer's allocator is
# not made for that. When another thread holds one of its locks at the fork, the child waits for it
# for good, and the test with it: one run in five. So is the test that weighs the process: the
# sanitizer keeps what was freed, to find its uses.
source "$(dirname "$0")/lib/common.sh"
source "$(dirname "$0")/lib/cmake.sh"
source "$(dirname "$0")/lib/node-headers.sh"

use_local_node_headers
scripts/build-ts.sh
drop_foreign_build build/sanitize
cmake-js build --directory native --out build/sanitize

# Node is not instrumented, so the run-time libraries have to come first. The sanitizers intercept
# the functions of libtirpc, with which libvirt speaks to its daemons, and find the true ones only
# among what was loaded with the program.
sanitizers=$(g++ -print-file-name=libasan.so):$(g++ -print-file-name=libubsan.so):libtirpc.so.3
export BALLAST_LIBVIRT_ADDON=$root/build/sanitize/Release/ballast_libvirt.node
# Leaks are not looked for. LeakSanitizer crashes ("Tracer caught signal 11") when it searches the
# thread-local memory of the threads of this process. Told not to (use_tls=0), it reports what GLib
# keeps for each thread in the words of a domain that was forgotten: both come from g_slice_alloc.
export ASAN_OPTIONS=detect_leaks=0:exitcode=99
export UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1

# What a test prints is kept together, as two run at a time.
run_test() {
  local output status=0
  output=$(LD_PRELOAD=$sanitizers node --enable-source-maps "$1" 2>&1) || status=$?
  printf '%s\n' "== $1" "$output"
  return "$status"
}
export -f run_test
export sanitizers

find build/test/lib build/test/native -name '*.test.js' \
  -not -name 'qemu.test.js' -not -name 'guest.test.js' -not -name 'leak.test.js' -print0 |
  xargs --null --max-args=1 --max-procs="$(nproc)" bash -c 'run_test "$1"' bash
