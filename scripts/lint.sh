#!/usr/bin/env bash
# Checks the form of the sources: formatting and linting of TypeScript, formatting of C++, import
# rules, unused code, the binding's reference, shell scripts. Runs all of them, then fails if any
# did.
source "$(dirname "$0")/lib/common.sh"
source "$(dirname "$0")/lib/sources.sh"

check_cpp_format() {
  list_cpp_sources | xargs --no-run-if-empty --delimiter='\n' clang-format --dry-run -Werror
}

# A cruise that sees no modules finds no violations either, so what it saw is counted.
check_imports() {
  local cruise=build/log/imports.json sources seen
  depcruise --config .dependency-cruiser.cjs --output-type json lib src test >"$cruise" || true
  depcruise-fmt --exit-code --output-type err-long "$cruise" || return 1

  sources=$(find lib src test -name '*.ts' | wc -l)
  seen=$(count_modules "$cruise")
  if ((seen < sources)); then
    say "the import rules saw $seen of the $sources files in lib, src and test"
    return 1
  fi
}

# How many files of the project a cruise found, of those that import or are imported.
count_modules() {
  node -p '
    const { modules } = JSON.parse(fs.readFileSync(process.argv[1], "utf8"));
    modules.filter((m) => /^(lib|src|test)\//.test(m.source) && !m.orphan).length;
  ' "$1"
}

check_shell() {
  list_shell_sources | xargs --delimiter='\n' shellcheck --severity=warning
}

mkdir -p build/log

failed=()
check() {
  local name=$1
  shift
  if output=$("$@" 2>&1); then
    say "  ok      $name"
  else
    say "  FAILED  $name"
    say "$output" | sed 's/^/          /'
    failed+=("$name")
  fi
}

check 'TypeScript: format and lint (biome)' biome check --error-on-warnings --colors=off
check 'C++: format (clang-format)' check_cpp_format
check 'imports: rooms and cycles (dependency-cruiser)' check_imports
check 'unused files, exports and dependencies (knip)' knip --no-progress
check 'API reference of the binding (typedoc)' typedoc --emit none
check 'shell scripts (shellcheck)' check_shell

if ((${#failed[@]} > 0)); then
  fail "${#failed[@]} of 6 checks failed." 'make format repairs the formatting.'
fi
