# shellcheck shell=bash
# Lists of sources for the tools that take file names.

list_cpp_sources() {
  find bench guest native -type f '(' -name '*.cc' -o -name '*.cpp' -o -name '*.h' ')' |
    LC_ALL=C sort
}

list_shell_sources() {
  {
    find scripts guest vagrant -type f -name '*.sh'
    say .ci/run
  } | LC_ALL=C sort
}
