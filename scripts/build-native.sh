#!/usr/bin/env bash
# Compiles the addon; node-gyp recompiles only what changed.
source "$(dirname "$0")/lib/common.sh"
source "$(dirname "$0")/lib/node-headers.sh"

use_local_node_headers
npm run build:native
