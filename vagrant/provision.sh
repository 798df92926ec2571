#!/usr/bin/env bash
# Makes a Debian 13 box ready for ballast: installs what the box lacks for `make`, then runs
# `make setup` as the user who will run the service. Run by root; safe to run again.
set -euo pipefail

readonly user=vagrant
readonly checkout=/home/$user/ballast
readonly lock_timeout_s=300

((EUID == 0)) || {
  echo 'error: provision.sh must be run by root, as Vagrant does' >&2
  exit 1
}
[[ -f $checkout/Makefile ]] || {
  echo "error: there is no checkout of ballast in $checkout" >&2
  exit 1
}

echo '[provision] installing git, make, Node.js and npm'
export DEBIAN_FRONTEND=noninteractive
apt-get update --quiet --quiet
apt-get install --quiet --quiet --yes --no-install-recommends \
  -o "DPkg::Lock::Timeout=$lock_timeout_s" \
  ca-certificates git libnode-dev make nodejs npm sudo >/dev/null

# The group that may open /dev/kvm; a new login, such as `vagrant ssh`, has it.
getent group kvm >/dev/null || groupadd --system kvm
usermod --append --groups kvm "$user"

# Whatever copied the checkout may have left it to another user.
chown --recursive "$user:$user" "$checkout"

echo "[provision] setting up ballast in $checkout"
runuser --login "$user" --command "make --directory='$checkout' setup"
echo "[provision] ready: vagrant ssh -c 'cd ballast && make smoke'"
