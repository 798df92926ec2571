#!/usr/bin/env bash
# Makes the user that libvirt starts QEMU as when libvirt runs as root. Debian makes it in the
# package of libvirt's daemon, which ballast does not need; without it the embedded driver refuses
# to start ("Failed to parse user 'libvirt-qemu'"). Same names and number as Debian's package, so
# that installing it later changes nothing.
source "$(dirname "$0")/lib/common.sh"

readonly user=libvirt-qemu
readonly debian_id=64055

((EUID == 0)) || exit 0

getent group kvm >/dev/null || groupadd --system kvm
getent group "$user" >/dev/null || groupadd --gid "$debian_id" "$user"
if ! getent passwd "$user" >/dev/null; then
  say "[qemu-user] adding the user $user, as which libvirt starts QEMU"
  useradd --system --uid "$debian_id" --gid kvm --groups "$user" --no-create-home \
    --home-dir /var/lib/libvirt --shell /usr/sbin/nologin --comment 'Libvirt Qemu' "$user"
fi
