#!/usr/bin/env bash
# Downloads what the image takes from Debian into build/debian: the unpacked packages and the kernel
# as root.tar, and their list. Does nothing when it was done for the same packages: an image that is
# built again, of another agent, has the same Debian in it.
#
# usage: fetch.sh [--force]
# BALLAST_IMAGE_MIRROR   the Debian mirror to take it from (default: that of the host)
set -euo pipefail
source "$(dirname "$0")/lib.sh"

readonly keyring=/usr/share/keyrings/debian-archive-keyring.gpg

# The first Debian mirror of the host's apt configuration; other sources are not Debian's.
mirror() {
  local uri
  # shellcheck disable=SC2016 # apt's own variables.
  uri=$(apt-get indextargets --format '$(ORIGIN)|$(LABEL)|$(REPO_URI)' 2>/dev/null |
    sed -n 's/^Debian|Debian|//p' | head -n 1)
  printf '%s\n' "${BALLAST_IMAGE_MIRROR:-${uri:-http://deb.debian.org/debian}}"
}

packages() { sed -e 's/#.*//' -e '/^[[:space:]]*$/d' "$here/packages.txt"; }

# Downloads and unpacks, installs nothing: no script of a package runs. The kernel comes from the
# same download, but beside the root rather than in it.
fetch() {
  local from=$1 include
  include=$(packages | paste --serial --delimiters ,)
  say "unpacking Debian $suite from $from"
  # shellcheck disable=SC2016 # $1 and $APT_CONFIG are the hook's own.
  mmdebstrap --quiet --variant=extract --keyring="$keyring" --include="$include" \
    --aptopt='Acquire::Retries "3"' \
    --extract-hook='mkdir "$1/kernel" && cd "$1/kernel" &&
      export APT_CONFIG=$MMDEBSTRAP_APT_CONFIG &&
      real=$(apt-cache depends linux-image-cloud-amd64 |
        sed -n "s/^ *Depends: \(linux-image-[0-9].*\)/\1/p" | head -n 1) &&
      apt-get --quiet --quiet download -o APT::Sandbox::User=root "$real" &&
      for deb in ./*.deb ../var/cache/apt/archives/*.deb; do
        dpkg-deb --show --showformat "\${Package} \${Version} \${Architecture}\n" "$deb"
      done | sort >packages.txt' \
    "$suite" "$work/out/root.tar" "$from" || fail \
    "mmdebstrap could not unpack Debian $suite from $from (its words are above)." \
    'Check the network and BALLAST_IMAGE_MIRROR; an ordinary user needs the package uidmap and' \
    'an entry in /etc/subuid, or runs this with sudo.'
  tar --extract --to-stdout --file "$work/out/root.tar" ./kernel/packages.txt \
    >"$work/out/packages.txt"
}

main() {
  local digest
  require_tools <<'TOOLS'
mmdebstrap mmdebstrap
sha256sum coreutils
TOOLS
  [[ -r $keyring ]] || fail "missing: $keyring (package debian-archive-keyring)"
  digest=$(cat "$here/packages.txt" "$here/fetch.sh" "$here/lib.sh" | sha256sum |
    cut --delimiter ' ' --fields 1)
  if [[ ${1:-} != --force ]] && is_current "$debian" "$digest"; then
    say "up to date: $debian"
    exit
  fi
  make_work
  fetch "$(mirror)"
  finish "$debian" "$digest"
}

main "$@"
