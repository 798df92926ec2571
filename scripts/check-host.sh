#!/usr/bin/env bash
# Refuses early, and with the cure, what no later step could work with: another architecture or a
# Node.js that is missing or too old.
source "$(dirname "$0")/lib/common.sh"

# As package.json has it: `"node": ">=20.19"`. There may be no Node.js yet that could read it.
node_minimum=$(sed -n 's/^ *"node": ">=\([0-9.]*\)".*/\1/p' package.json)
readonly node_minimum

[[ $(uname -s) == Linux && $(uname -m) == x86_64 ]] ||
  fail "ballast runs on Linux on x86-64; this is $(uname -s) on $(uname -m)." \
    'On another machine, use a Debian virtual machine: see vagrant/Vagrantfile.'

node_help=(
  "ballast needs Node.js $node_minimum or later, with npm."
  'Debian 13: apt-get install nodejs npm'
  'Debian 12: Node 18 is too old; take a later one from https://nodejs.org/en/download'
)
command -v node >/dev/null || fail 'node was not found on the PATH.' "${node_help[@]}"
command -v npm >/dev/null || fail 'npm was not found on the PATH.' "${node_help[@]}"

node_version=$(node -p process.versions.node)
oldest=$(printf '%s\n' "$node_minimum" "$node_version" | sort --version-sort | head -n 1)
[[ $oldest == "$node_minimum" ]] ||
  fail "$(command -v node) is Node.js $node_version." "${node_help[@]}"
