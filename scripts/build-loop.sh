#!/usr/bin/env bash
# Compiles the loop in C++ that the binding's calls are compared with, into build/bench-calls/.
source "$(dirname "$0")/lib/common.sh"

mkdir -p build/bench-calls
read -ra libvirt < <(pkg-config --cflags --libs libvirt libvirt-qemu)
g++ -std=c++20 -O2 -Wall -Wextra -Werror -o build/bench-calls/loop bench/calls/loop.cc \
  "${libvirt[@]}"
