#!/bin/sh
# Proves that a clone on a bare machine needs nothing but git: builds a minimal Debian root, clones this repository's HEAD
# into it, and runs ./ladder there. As root, with debootstrap installed:
#
#   tests/fresh/debootstrap.sh                      the two main commands: run --quick, and test
#   tests/fresh/debootstrap.sh 'list' 'doctor'      these instead
#
# Package sources, proxies and certificates are this machine's, read when the script runs.
# LADDER_FRESH_ROOT keeps the root in that folder, and uses it again: packages and builds are then there already.
# LADDER_FRESH_RELEASE takes another release of this distribution: trixie, say, for its compilers.
set -eu

repository=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd -P)
[ "$(id -u)" = 0 ] || { echo "$0: run it as root: it makes a root file system" >&2; exit 2; }
command -v debootstrap >/dev/null || { echo "$0: debootstrap is not here: apt-get install debootstrap" >&2; exit 2; }
[ $# -gt 0 ] || set -- 'run --quick' 'test'

if [ -n "${LADDER_FRESH_ROOT-}" ]; then
  root=$LADDER_FRESH_ROOT
else
  root=$(mktemp -d)
fi
leave() {
  for folder in proc dev/shm; do
    ! mountpoint -q "$root/$folder" || umount "$root/$folder"
  done
  [ -n "${LADDER_FRESH_ROOT-}" ] || rm -rf --one-file-system "$root"
}
trap leave EXIT

# shellcheck source=/dev/null
here=$(. /etc/os-release && echo "$VERSION_CODENAME")
release=${LADDER_FRESH_RELEASE-$here}
# shellcheck disable=SC2016  # apt's own $(…)
sources=$(apt-get indextargets --format 'deb $(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' |
  grep -E " $here(-updates|-security)? (main|universe)\$" | sed "s/ $here/ $release/" | sort -u)
mirror=$(echo "$sources" | awk -v release="$release" '$3 == release { print $2; exit }')

if [ ! -x "$root/usr/bin/git" ]; then
  echo "Making a minimal $release in $root" >&2
  debootstrap --variant=minbase --include=git "$release" "$root" "$mirror" >"$root.log" 2>&1 || { tail "$root.log"; exit 1; }
  rm "$root.log"
fi
echo "$sources" >"$root/etc/apt/sources.list"
apt-config dump | grep -E '^Acquire::(http|https|Check)' >"$root/etc/apt/apt.conf.d/90host" || true
mkdir -p "$root/etc/ssl"
cp "${PIP_CERT:-/etc/ssl/certs/ca-certificates.crt}" "$root/etc/ssl/this-machine.crt"
for file in etc/resolv.conf etc/hosts etc/pip.conf; do
  if [ -e "/$file" ]; then
    mkdir -p "$(dirname "$root/$file")"
    cp -L "/$file" "$root/$file"
  fi
done
mountpoint -q "$root/proc" || mount -t proc proc "$root/proc"
mkdir -p "$root/dev/shm"
mountpoint -q "$root/dev/shm" || mount -t tmpfs tmpfs "$root/dev/shm"

# The environment of a fresh login, and how this machine reaches packages.
inside() {
  passed=$(env | grep -E '^(PIP_(INDEX_URL|EXTRA_INDEX_URL|PROXY|DEFAULT_TIMEOUT)|[a-zA-Z]+_(proxy|PROXY))=' || true)
  # shellcheck disable=SC2086  # a list of NAME=value words
  chroot "$root" env -i HOME=/root PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin CI=true PIP_CERT=/etc/ssl/this-machine.crt $passed \
    sh -euc "$1"
}

git -C "$repository" bundle create -q "$root/root/warpladder.bundle" HEAD
inside 'cd /root && rm -rf warpladder.new && git -c advice.detachedHead=false clone -q warpladder.bundle warpladder.new'
inside 'cd /root && if [ -d warpladder ]; then cd warpladder && git fetch -q ../warpladder.bundle HEAD && git reset -q --hard FETCH_HEAD; else mv warpladder.new warpladder; fi'
for tool in python3 g++ cmake nvcc; do
  ! inside "command -v $tool" >/dev/null || echo "note: $tool was in the root before ./ladder ran" >&2
done

for command in "$@"; do
  echo "== ./ladder $command" >&2
  inside "cd /root/warpladder && ./ladder $command" >"$root/root/out.txt" || { cat "$root/root/out.txt"; exit 1; }
  tail -n 20 "$root/root/out.txt"
  case $command in
    run*)
      for what in '<table' 'data:image/svg+xml' 'right'; do
        grep -q "$what" "$root/root/warpladder/build/report/index.html" || { echo "the report has no $what"; exit 1; }
      done
      ;;
    test*) tail -n 1 "$root/root/out.txt" | grep -Eqx '[0-9]+ passed, 0 failed, [0-9]+ skipped' ;;
  esac
done
echo "a fresh $release: every command worked" >&2
