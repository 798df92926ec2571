#!/usr/bin/env bash
# Runs the install scripts of all Node.js packages that have one, which `npm ci` was told to leave.
source "$(dirname "$0")/lib/common.sh"
source "$(dirname "$0")/lib/node-headers.sh"

use_local_node_headers
# SQLite's own -O3 takes three times as long to compile. Its few hundred small rows notice nothing.
export CFLAGS=${CFLAGS:--O1}
npm rebuild
