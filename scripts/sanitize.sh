#!/usr/bin/env bash
# Builds the addon with AddressSanitizer and UndefinedBehaviorSanitizer and runs its tests over it.
#
# The embedded driver's tests are left out: libvirt forks QEMU from this process, and the preloaded
# sanitizer would go into QEMU with it.
source "$(dirname "$0")/lib/common.sh"
source "$(dirname "$0")/lib/node-headers.sh"

use_local_node_headers
scripts/build-ts.sh
cmake-js build --directory native --out build/sanitize

# Node is not instrumented, so the run-time library has to come first.
LD_PRELOAD=$(g++ -print-file-name=libasan.so):$(g++ -print-file-name=libubsan.so)
export LD_PRELOAD
export BALLAST_LIBVIRT_ADDON=$root/build/sanitize/Release/ballast_libvirt.node
# Leaks are not looked for: LeakSanitizer itself crashes ("Tracer caught signal 11") where a process
# ends while libvirt's event thread runs, which two of the tests are about.
export ASAN_OPTIONS=detect_leaks=0:exitcode=99
export UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1

status=0
for test in build/test/lib/*.test.js build/test/native/*.test.js; do
  [[ -e $test && $test != */qemu.test.js ]] || continue
  node --enable-source-maps "$test" || status=$?
done
exit "$status"
