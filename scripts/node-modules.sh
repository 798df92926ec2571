#!/usr/bin/env bash
# Runs `npm ci` when the lock file or the ABI of Node.js is another than at the last time, told by a
# key in node_modules, which goes away together with what it describes.
source "$(dirname "$0")/lib/common.sh"

key_file=node_modules/.ballast-key
key=$(
  sha256sum package-lock.json
  node -p process.versions.modules
)

if [[ -r $key_file && $(<"$key_file") == "$key" ]]; then
  exit
fi
# What the packages would run as they are installed is `make addons`: the one that compiles does so
# beside the project's own sources.
scripts/step.sh node-modules 'installing the Node.js packages (npm ci)' npm ci --ignore-scripts
# Otherwise its first run would do so, with the plugins that are to be left out: each test file
# would take a second longer to start.
scripts/step.sh tap 'building tap with its plugins' tap build
say "$key" >"$key_file"
