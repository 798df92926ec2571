#!/usr/bin/env bash
# Compiles the TypeScript into build/, then removes what was compiled from sources that are gone:
# a deleted test must not go on running.
source "$(dirname "$0")/lib/common.sh"

tsc -p tsconfig.json

# The compiler gives no file a mode, and npx executes what package.json names as `bin` directly.
chmod +x build/src/cli/main.js

for room in bench lib src test; do
  [[ -d build/$room ]] || continue
  while IFS= read -r compiled; do
    source=${compiled#build/}
    source=${source%.js}.ts
    if [[ ! -e $source ]]; then
      rm -f "$compiled" "$compiled.map" "${compiled%.js}.d.ts"
    fi
  done < <(find "build/$room" -name '*.js')
done
