# shellcheck shell=bash
# Addons are compiled with the headers of the Node.js that will load them. Where these are installed
# beside it, they are used; else node-gyp fetches them from nodejs.org.

# The prefix below which include/node holds the headers; nothing where they are missing.
node_headers_prefix() {
  local node
  node=$(node -p process.execPath)
  if [[ -e ${node%/bin/*}/include/node/node_api.h ]]; then
    say "${node%/bin/*}"
  fi
}

use_local_node_headers() {
  local prefix
  prefix=$(node_headers_prefix)
  if [[ -n $prefix ]]; then
    export npm_config_nodedir=$prefix
  fi
}
