#!/usr/bin/env bash
# Builds the guest image into build/image: kernel, initramfs with the agent, read-only root disk,
# the list of Debian packages taken, and image.json. Does nothing when its inputs have not changed.
#
# usage: build.sh [--force]
# BALLAST_IMAGE_MIRROR   the Debian mirror to take it from (default: that of the host)
set -euo pipefail
source "$(dirname "$0")/lib.sh"

readonly agent=$checkout/build/guest/ballast-agent
readonly reseed=$checkout/build/guest/ballast-reseed.node
readonly target=$checkout/build/image
# Any constant will do: it must not differ between builds.
readonly root_uuid=6c1f0e52-62a7-4d0e-9d0c-6ba11a570001
# The function's cgroup bounds the memory, and its limit changes between invocations: the heap may
# grow to the largest size, and collects early enough for the smallest.
node_flags='"--max-old-space-size=10240","--initial-old-space-size=32",'
node_flags+='"--max-semi-space-size=8",'
readonly node_flags

inputs_digest() {
  {
    (cd "$checkout" && find guest/image guest/runtimes -type f -not -name '*.pyc' -print0 |
      sort --zero-terminated | xargs --null sha256sum)
    sha256sum <"$agent"
    sha256sum <"$reseed"
    sha256sum <"$debian/packages.txt"
  } | sha256sum | cut --delimiter ' ' --fields 1
}

unpack() {
  mkdir "$work/root" "$work/kernel"
  tar --extract --file "$debian/root.tar" --directory "$work/root" --no-same-owner \
    --exclude './dev/*' --delay-directory-restore
  chmod --recursive u+rwX "$work/root"
  dpkg --extract "$work"/root/kernel/*.deb "$work/kernel"
}

# Compiles Python's library with the guest's own Python, which needs no root to run here. Otherwise
# every start in the guest, whose root is read-only, would compile it again.
compile_python() {
  local python=$1 libraries=$work/root/usr/lib/x86_64-linux-gnu
  PYTHONHOME=$work/root/usr PYTHONDONTWRITEBYTECODE=1 \
    "$work/root/usr/lib64/ld-linux-x86-64.so.2" --library-path "$libraries" \
    "$work/root/usr/bin/$python" -m compileall -q -j 1 --invalidation-mode unchecked-hash \
    -s "$work/root" -p / "$work/root/usr/lib/$python" "$work/root/var/runtime/python" >/dev/null
}

# Takes out what no function needs.
slim_root() {
  # By relative paths: nothing outside the root can be meant, whatever a variable holds.
  (
    cd "$work/root" || exit
    rm -rf kernel boot dev etc/apt var/cache/apt var/lib/apt var/lib/dpkg var/log/* \
      usr/share/{doc,man,info,locale,lintian,bug} \
      usr/share/{bash-completion,zsh,pixmaps,applications,menu} \
      usr/share/nodejs/{corepack,npm,@types} usr/bin/corepack \
      usr/lib/python3*/{test,idlelib,turtledemo,ensurepip,lib2to3} usr/lib/systemd
  )
  find "$work/root" \( -perm -4000 -o -perm -2000 \) -type f -exec chmod ug-s {} +
}

# The files that packages leave to their scripts, which never ran.
furnish_root() {
  local root=$work/root
  mkdir -p "$root"/{dev,proc,sys,run,tmp,var/task,var/runtime,etc/ssl/certs}
  cp -r "$checkout/guest/runtimes/." "$root/var/runtime/"
  cp "$reseed" "$root/var/runtime/node/reseed.node"
  # Where functions below /var/task look for packages last.
  mkdir "$root/node_modules"
  mv "$root/var/runtime/snapshot-restore" "$root/node_modules/"
  find "$root/var/runtime" -name __pycache__ -prune -exec rm -rf {} +
  printf '%s\n' 'root:x:0:0:root:/root:/bin/sh' \
    'sandbox:x:1000:1000:function:/tmp:/bin/sh' >"$root/etc/passwd"
  printf '%s\n' 'root:x:0:' 'sandbox:x:1000:' >"$root/etc/group"
  printf '%s\n' '127.0.0.1 localhost ballast' >"$root/etc/hosts"
  printf '%s\n' 'passwd: files' 'group: files' 'hosts: files dns' >"$root/etc/nsswitch.conf"
  printf 'ballast\n' >"$root/etc/hostname"
  ln -sf /usr/share/zoneinfo/UTC "$root/etc/localtime"
  find "$root/usr/share/ca-certificates" -name '*.crt' -print0 | sort --zero-terminated |
    xargs --null cat >"$root/etc/ssl/certs/ca-certificates.crt"
  [[ -e $root/usr/bin/sh ]] || ln -s bash "$root/usr/bin/sh"
}

# The program and the libraries that it loads, as a JSON array.
preload() {
  local program=$1 libraries=$work/root/usr/lib/x86_64-linux-gnu
  "$work/root/usr/lib64/ld-linux-x86-64.so.2" --library-path "$libraries" \
    --list "$work/root$program" |
    sed -nE "s|.* => $work/root([^ ]+) .*|\1|p" | { printf '%s\n' "$program" && sort; } |
    sed 's/.*/"&"/' | paste --serial --delimiters ,
}

# The runtimes that are really there, with how the agent starts them. What a function brings along
# is not known; a script would be run by the shell and call the service with curl.
write_runtimes() {
  local node python path='/usr/local/bin:/usr/bin:/bin'
  # What the loader, the C library and the locale heed only as a process starts.
  local everywhere='"LD_","GLIBC_","MALLOC_","LANG","LC_"'
  node=$(sed -nE 's/^nodejs ([0-9]+)\..*/\1/p' "$debian/packages.txt")
  python=$1
  cat >"$work/root/var/runtime/runtimes.json" <<JSON
{"runtimes":[
{"name":"nodejs$node.x","argv":["/usr/bin/node",$node_flags"/var/runtime/node/bootstrap.mjs"],
 "environment":{"PATH":"$path","LAMBDA_RUNTIME_DIR":"/var/runtime",
 "AWS_EXECUTION_ENV":"AWS_Lambda_nodejs$node.x"},"preload":[$(preload /usr/bin/node)],
 "startVariables":["NODE_","UV_","SSL_","OPENSSL_",$everywhere]},
{"name":"$python","argv":["/usr/bin/$python","-u","/var/runtime/python/bootstrap.py"],
 "environment":{"PATH":"$path","LAMBDA_RUNTIME_DIR":"/var/runtime",
 "AWS_EXECUTION_ENV":"AWS_Lambda_$python"},"preload":[$(preload "/usr/bin/$python")],
 "startVariables":["PYTHON","OPENSSL_",$everywhere]},
{"name":"provided","argv":["/var/task/bootstrap"],
 "environment":{"PATH":"$path","LAMBDA_RUNTIME_DIR":"/var/runtime"},
 "preload":[$(preload /usr/bin/dash),$(preload /usr/bin/curl)]}
]}
JSON
  printf '[{"name":"nodejs%s.x"},{"name":"%s"},{"name":"provided"}]' "$node" "$python" \
    >"$work/runtimes.json"
}

build_root() {
  local python
  python=$(basename "$(echo "$work"/root/usr/bin/python3.[0-9]*)")
  slim_root
  furnish_root
  write_runtimes "$python"
  say "compiling the library of $python"
  compile_python "$python"
  say 'packing the root disk'
  # Uncompressed: a guest in software emulation spends a third more on its first start of Node when
  # it has to decompress, and the host's page cache holds the disk once for all guests.
  mkfs.erofs -T "$SOURCE_DATE_EPOCH" -U "$root_uuid" --all-root \
    "$work/out/root.erofs" "$work/root" >"$work/mkfs.log" 2>&1 ||
    fail "mkfs.erofs failed: $(tail -n 3 "$work/mkfs.log")"
}

build_initramfs() {
  local tree=$work/initramfs modules
  modules=$(echo "$work"/kernel/usr/lib/modules/*)
  [[ -d $modules ]] || modules=$(echo "$work"/kernel/lib/modules/*)
  kernel=$(basename "$modules")
  say "kernel $kernel: its modules and the initramfs"
  mkdir -p "$work/depmod/lib/modules" "$tree/modules"
  ln -s "$modules" "$work/depmod/lib/modules/$kernel"
  depmod --basedir "$work/depmod" "$kernel"
  "$here/order-modules.sh" "$modules" "$here/modules.txt" "$tree/modules"
  install --mode 755 "$agent" "$tree/init"
  find "$tree" -exec touch --no-dereference --date "@$SOURCE_DATE_EPOCH" {} +
  (cd "$tree" && find . -mindepth 1 -print0 | sort --zero-terminated |
    cpio --null --create --format newc --reproducible --owner 0:0 --quiet) |
    gzip --no-name -9 >"$work/out/initramfs.img"
}

# A field of a kernel's boot header, a number of so many bytes.
header_field() { od --address-radix n --format "u$2" --skip-bytes "$1" --read-bytes "$2" "$3"; }

# The kernel as Debian packs it, and unpacked: an emulated processor takes a second to unpack it at
# every boot. Where the packed kernel lies in the file, and how long it is, with four bytes of its
# length behind it, is in the boot header (Documentation/arch/x86/boot.rst of the kernel).
build_kernel() {
  local packed=$work/out/vmlinuz setup_sectors offset length
  cp "$work"/kernel/boot/vmlinuz-* "$packed"
  setup_sectors=$(header_field 0x1f1 1 "$packed")
  offset=$(header_field 0x248 4 "$packed")
  length=$(header_field 0x24c 4 "$packed")
  dd if="$packed" bs=1M iflag=skip_bytes,count_bytes status=none \
    skip="$(((setup_sectors + 1) * 512 + offset))" count="$((length - 4))" |
    zstd --quiet --decompress >"$work/out/vmlinux" ||
    fail "the kernel $kernel is not packed by zstd, as Debian's are."
}

file_entry() {
  printf '"%s":{"sha256":"%s","bytes":%s}' "$1" \
    "$(sha256sum <"$work/out/$1" | cut --delimiter ' ' --fields 1)" \
    "$(stat --format %s "$work/out/$1")"
}

write_manifest() {
  local files version
  files="$(file_entry vmlinuz),$(file_entry vmlinux)"
  files+=",$(file_entry initramfs.img),$(file_entry root.erofs)"
  version=$("$agent" --version | cut --delimiter " " --fields 2 | tr --delete ,)
  cp "$debian/packages.txt" "$work/out/packages.txt"
  printf '{"digest":"%s","suite":"%s","kernel":"%s","agent":"%s","protocol":1,' \
    "$(sha256sum <<<"$files" | cut --delimiter ' ' --fields 1)" "$suite" "${kernel%%[-+]*}" \
    "$version" >"$work/out/image.json"
  printf '"runtimes":%s,"files":{%s}}\n' "$(<"$work/runtimes.json")" "$files" \
    >>"$work/out/image.json"
}

main() {
  local digest
  require_tools <<'TOOLS'
mkfs.erofs erofs-utils
cpio cpio
depmod kmod
xz xz-utils
zstd zstd
dpkg dpkg
TOOLS
  [[ -r $reseed ]] || fail "missing: $reseed. Build it with \`make agent\`."
  [[ -x $agent ]] || fail "missing: $agent. Build it with \`make agent\`."
  "$here/fetch.sh" "$@"
  digest=$(inputs_digest)
  if [[ ${1:-} != --force ]] && is_current "$target" "$digest"; then
    say "up to date: $target"
    exit
  fi
  make_work
  unpack
  build_initramfs
  build_kernel
  build_root
  write_manifest
  finish "$target" "$digest"
}

main "$@"
