#!/usr/bin/env bash
# Writes docs/libvirt-coverage.md: which functions of libvirt's headers the addon calls, and why it
# does not call the others. Run it after `make ts`.
source "$(dirname "$0")/lib/common.sh"

exec node --enable-source-maps build/test/libvirtCoverage/write.js
