#!/usr/bin/env bash
# Installs the Debian packages of one list (scripts/packages/LIST.txt) that this machine lacks. When
# nothing is missing it asks for nothing: no sudo, no network.
#
# usage: packages.sh LIST
# BALLAST_SKIP_PACKAGES=1 leaves packages to you, for systems that are not Debian.
source "$(dirname "$0")/lib/common.sh"
source "$(dirname "$0")/lib/node-headers.sh"

readonly lock_timeout_s=300

list=scripts/packages/${1:?usage: packages.sh LIST}.txt
[[ -r $list ]] || fail "there is no package list $list."

# Debian keeps the headers of its Node.js, which compiling addons needs, in a package of their own.
node_headers_package() {
  if [[ -z $(node_headers_prefix) ]] &&
    dpkg-query --search "$(node -p process.execPath)" >/dev/null 2>&1; then
    say libnode-dev
  fi
}

wanted() {
  sed -e 's/#.*//' -e 's/[[:space:]]*$//' -e '/^$/d' "$list"
  if [[ $1 == setup ]]; then
    node_headers_package
  fi
}

# A line of a list names one package, or alternatives `a | b` where Debian releases differ; `a | -`
# is nothing where a release does not have the package, as another brings what is in it.
is_installed() {
  local alternative
  for alternative in ${1//|/ }; do
    if [[ $alternative == - ]] && ! is_offered "${1%% *}"; then
      return 0
    fi
    if [[ $(dpkg-query --show --showformat='${db:Status-Status}' "$alternative" 2>/dev/null) \
      == installed ]]; then
      return 0
    fi
  done
  return 1
}

is_offered() {
  apt-cache show "$1" >/dev/null 2>&1
}

first_available() {
  local alternative
  for alternative in ${1//|/ }; do
    if is_offered "$alternative"; then
      say "$alternative"
      return
    fi
  done
  fail "no package source of this machine offers ${1//|/or}." \
    'ballast is tried on Debian 12 and 13; check the sources in /etc/apt.'
}

if [[ ${BALLAST_SKIP_PACKAGES:-} == 1 ]]; then
  say "[packages] BALLAST_SKIP_PACKAGES=1: $list is yours to provide"
  exit
fi

command -v apt-get >/dev/null || fail \
  'this system has no apt-get: make can install packages on Debian 12 and 13 only.' \
  "Install what corresponds to the packages in $list," \
  'then run the same command with BALLAST_SKIP_PACKAGES=1.'

lacking=()
while IFS= read -r line; do
  is_installed "$line" || lacking+=("$line")
done < <(wanted "$1")

if ((${#lacking[@]} == 0)); then
  exit
fi

if ((EUID != 0)) && ! command -v sudo >/dev/null; then
  fail "these packages are missing and there is no sudo: ${lacking[*]}" \
    'Install them as root, then run the same command again:' \
    "  apt-get install --no-install-recommends ${lacking[*]}"
fi

say "[packages] missing: ${lacking[*]}"
as_root=(env)
if ((EUID != 0)); then
  as_root=(sudo env)
  # Asked here, at the terminal: the steps below run without one. `sudo --validate` would ask for a
  # password even where none is needed.
  sudo true || fail 'sudo refused, and installing packages needs it.'
fi

scripts/step.sh packages-update 'reading the package lists' "${as_root[@]}" apt-get update

packages=()
for line in "${lacking[@]}"; do
  package=$(first_available "$line")
  packages+=("$package")
done
scripts/step.sh packages-install "installing ${#packages[@]} packages" \
  "${as_root[@]}" DEBIAN_FRONTEND=noninteractive \
  apt-get install --yes --no-install-recommends \
  -o "DPkg::Lock::Timeout=$lock_timeout_s" "${packages[@]}"
