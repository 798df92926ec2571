#!/usr/bin/env bash
# Tries vagrant/provision.sh in a clean Debian 13 root, as a stand-in for the box. As its user, it
# then runs `make smoke` and Debian 13's clang-tidy, and as root the tests of the binding over the
# libvirt of Debian 13. Needs root. Everything runs in namespaces of its own and in a temporary
# directory, so that all of it is gone when the script ends.
#
# It differs from a box in three ways: it shares the host's kernel and network, it has no /dev/kvm,
# and no systemd runs.
source "$(dirname "$0")/lib/common.sh"

readonly suite=trixie
readonly mirror=http://deb.debian.org/debian
readonly certificates=/etc/ssl/certs/ca-certificates.crt

((EUID == 0)) || fail 'test-provision mounts file systems and needs root.' \
  "Run it as root, or try the real thing: vagrant up && vagrant ssh -c 'cd ballast && make smoke'"

# The second half runs in namespaces of its own: entered below, with the new root as its argument.
enter_and_provision() {
  local new_root=$1
  mount --make-rprivate /
  mount --bind "$new_root" "$new_root"
  mount -t proc proc "$new_root/proc"
  mount -t sysfs -o ro sysfs "$new_root/sys"
  make_devices "$new_root/dev"

  # A plain chroot would forbid user namespaces, in which the image is built without root.
  cd "$new_root"
  mkdir --parents old-root
  pivot_root . old-root
  umount --lazy /old-root
  rmdir /old-root
  cd /

  # Vagrant sends the script and runs it by its content; here the copy in the checkout is the same.
  /home/vagrant/ballast/vagrant/provision.sh
  runuser --login vagrant --command 'cd ballast && make smoke && make tidy'
  # A daemon of libvirt's, which some of them start, needs root.
  cd /home/vagrant/ballast
  node build/test/runner.js build/test/lib/*.test.js >build/log/tap.txt || {
    tail -n 200 build/log/tap.txt
    return 1
  }
}

make_devices() {
  local device
  mount -t tmpfs -o mode=755 tmpfs "$1"
  for device in null zero full random urandom tty; do
    : >"$1/$device"
    mount --bind "/dev/$device" "$1/$device"
  done
  mkdir "$1/pts" "$1/shm"
  mount -t devpts -o newinstance,ptmxmode=0666,mode=620 devpts "$1/pts"
  mount -t tmpfs -o mode=1777 tmpfs "$1/shm"
  ln -s pts/ptmx "$1/ptmx"
  ln -s /proc/self/fd "$1/fd"
  ln -s /proc/self/fd/0 "$1/stdin"
  ln -s /proc/self/fd/1 "$1/stdout"
  ln -s /proc/self/fd/2 "$1/stderr"
}

# What a box has before it is provisioned: its user, who may use sudo without a password.
make_box() {
  local new_root=$1 home=$1/home/vagrant
  scripts/step.sh provision-root "making a clean Debian root ($suite)" \
    mmdebstrap --variant=minbase --include=ca-certificates,passwd,sudo,uidmap "$suite" \
    "$new_root" "$mirror"
  chroot "$new_root" useradd --create-home --shell /bin/bash vagrant
  printf 'vagrant ALL=(ALL) NOPASSWD: ALL\n' >"$new_root/etc/sudoers.d/vagrant"
  cp --dereference /etc/resolv.conf /etc/hosts "$new_root/etc/"

  # Behind a proxy with a certificate of its own, the box has to trust what this machine trusts.
  cp --dereference "$certificates" "$new_root$certificates"
  printf 'export NODE_EXTRA_CA_CERTS=%s\n' "$certificates" >"$new_root/etc/profile.d/trust.sh"

  mkdir "$home/ballast"
  git ls-files -z --cached --others --exclude-standard |
    tar --create --null --files-from=- --ignore-failed-read |
    tar --extract --directory="$home/ballast"
}

if [[ ${1:-} == --inside ]]; then
  enter_and_provision "$2"
  exit
fi

temporary=$(mktemp --directory --tmpdir ballast-provision.XXXXXX)
trap 'rm -rf --one-file-system "$temporary"' EXIT
chmod 755 "$temporary"
make_box "$temporary/root"

# When the first process of the PID namespace ends, the kernel ends all others in it.
unshare --mount --pid --ipc --uts --fork --kill-child "$BASH" "$0" --inside "$temporary/root"
say "[provision] a clean Debian root was provisioned and passed in ${SECONDS} s"
