#!/usr/bin/env bash
# Makes a base image from Debian's packages, where no registry of images can be reached: kubeflow/debian-base.sh NAME [PYTHON].
# Debian 13 with its own Python 3.13. With PYTHON, a program of this machine, that Python is put into /usr/local: a Python 3.10 for the older stack.
# Needs root, debootstrap, and docker or podman. FAIRGATE_DEBIAN_MIRROR names another mirror; a minute, 200 MB.
# Example: kubeflow/debian-base.sh localhost/fairgate-base:3.10 ~/.pyenv/versions/3.10.13/bin/python3
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
PATH=$PATH:/usr/sbin:/sbin
source kubeflow/engine.sh

SUITE=trixie
# Debian's Python also brings the libraries that any other one is linked against; the last is not among them.
PACKAGES=python3,python3-venv,ca-certificates,libreadline8t64
MIRROR=${FAIRGATE_DEBIAN_MIRROR:-http://deb.debian.org/debian}

# copy_python PROGRAM FOLDER: the Python without its packages and its tests.
copy_python() {
  local prefix
  prefix=$("$1" -I -c 'import sys; print(sys.base_prefix)')
  tar --directory="$prefix" --exclude=./share --exclude='./lib/python*/site-packages/*' --exclude='./lib/python*/test' \
    --exclude=__pycache__ --create . | tar --directory="$2" --extract --no-same-owner
  # Its scripts name the place where it was; what follows needs none of them.
  find "$2/bin" -type f ! -name 'python*' -delete
  ldconfig -r "${2%/usr/local}" # it may be a shared library
}

[ $# -ge 1 ] || { echo "usage: kubeflow/debian-base.sh NAME [PYTHON]" >&2; exit 2; }
[ "$(id -u)" = 0 ] || { echo "base: debootstrap needs root" >&2; exit 1; }
command -v debootstrap >/dev/null || { echo "base: debootstrap is missing: apt-get install debootstrap" >&2; exit 1; }
find_engine
made=$(mktemp -d)
trap 'rm -rf --one-file-system "$made"' EXIT
chmod 755 "$made"
if ! unshare --mount debootstrap --variant=minbase --include="$PACKAGES" "$SUITE" "$made/root" "$MIRROR" >"$made/log" 2>&1; then
  tail -n 3 "$made/log" >&2
  echo "base: Debian could not be installed from $MIRROR; FAIRGATE_DEBIAN_MIRROR names another mirror" >&2
  exit 1
fi
rm -rf "$made/root/var/"{lib/apt/lists,cache/apt/archives,log}/*
rm -f "$made/root/etc/resolv.conf" "$made/root/etc/hostname"
if [ $# -ge 2 ]; then copy_python "$2" "$made/root/usr/local"; fi
tar --directory="$made/root" --one-file-system --create . \
  | "$ENGINE" import --change 'ENV LANG=C.UTF-8' --change 'ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' - "$1" >/dev/null
echo "base: $1: Debian $(cat "$made/root/etc/debian_version"), $(du -sm "$made/root" | cut -f1) MB, after $SECONDS s"
