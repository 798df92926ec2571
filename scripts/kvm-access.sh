#!/usr/bin/env bash
# Lets QEMU open /dev/kvm where this script may allow it, and says what to do where it may not.
#
# Run by root, libvirt starts QEMU as the user libvirt-qemu, a member of the group kvm. udev gives
# that group the device; on a machine without udev nobody does, and libvirt then probes QEMU anew at
# every start of a virtual machine, which takes more than a minute each time.
source "$(dirname "$0")/lib/common.sh"

readonly device=/dev/kvm

[[ -c $device ]] || exit 0

if ((EUID == 0)); then
  owner_and_mode=$(stat --format='%U:%G %a' "$device")
  if [[ $owner_and_mode == 'root:root 600' && ! -e /run/udev/control ]] &&
    getent group kvm >/dev/null; then
    say "[kvm] no udev here: giving $device to the group kvm (mode 660), so that QEMU can open it"
    chgrp kvm "$device"
    chmod 660 "$device"
  fi
elif [[ ! -r $device || ! -w $device ]] && grep --quiet --word-regexp 'vmx\|svm' /proc/cpuinfo; then
  say "[kvm] $(id --user --name) may not open $device, so guests will run in software, slowly." \
    "      Cure: sudo adduser $(id --user --name) kvm, then log in again"
fi
