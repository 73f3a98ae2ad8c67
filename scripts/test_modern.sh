#!/usr/bin/env bash
# Both stacks: the modern one (Python 3.13, TFX 1.21) in a Debian 13 folder on any Linux machine, beside the one of this machine's .venv.
# Installs the locked environment there, runs the sample on both stacks and the tests on the modern one, and compares (scripts/compare_stacks.py).
# In: the working tree as it is, runs/tests.xml of the last `make test`. Out: runs/stacks/{here,modern}/{tests.xml,verdict.json,run.log}, and the table.
# The folder is kept in the user's cache; its name holds a digest of what went into it. Its mounts live in a name space of their own and end with it.
# Where root, debootstrap, name spaces or disk are missing, one line says so and the exit code is 0; with CI=true it is 1.
# `scripts/test_modern.sh check` only says whether it can run, `prepare` installs only. PYTEST_ARGS is passed on to pytest; FAIRGATE_DEBIAN_MIRROR names another mirror.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

NAME=test-modern
SUITE=trixie
# Beside what the set-up needs: cron, systemd and the browser are for tests.
PACKAGES="python3 python3-venv python3-dev g++ make git ca-certificates cron systemd chromium chromium-driver"
MIRROR=${FAIRGATE_DEBIAN_MIRROR:-http://deb.debian.org/debian}
CACHE=${XDG_CACHE_HOME:-$HOME/.cache}/fairgate
ROOT=$CACHE/$SUITE-$(echo "$SUITE $PACKAGES $MIRROR" | sha256sum | cut -c1-12)
TREE=$ROOT/src/fairgate
# Debian takes 1.2 GB, the environment 3 GB, the run 1 GB.
NEEDED_GB=7
HERE=runs/stacks/here
THERE=runs/stacks/modern
source scripts/other_stack.sh

check_machine() {
  [ "$(uname -m)" = x86_64 ] || unavailable "this is not x86-64"
  case $(.venv/bin/python -V) in *" 3.10."*) ;; *) unavailable "this machine has the modern stack itself; the other one is make test-older" ;; esac
  [ "$(id -u)" = 0 ] || unavailable "needs root (debootstrap, chroot)"
  PATH=$PATH:/usr/sbin:/sbin
  command -v debootstrap >/dev/null || unavailable "needs debootstrap (apt-get install debootstrap)"
  unshare --mount --pid --fork true 2>/dev/null || unavailable "this container may not mount anything (docker run --privileged)"
  mkdir -p "$CACHE"
  local free
  free=$(df --output=avail -BG "$CACHE" | tail -n 1 | tr -dc 0-9)
  [ -d "$ROOT" ] || [ "$free" -ge "$NEEDED_GB" ] || unavailable "needs $NEEDED_GB GB in $CACHE, $free GB are free"
}

make_root() {
  [ -d "$ROOT" ] && return
  local log=$CACHE/debootstrap.log made=$ROOT.partial
  echo "test-modern: Debian 13 into $ROOT"
  rm -rf --one-file-system "$CACHE/$SUITE"-*
  # debootstrap cannot choose between alternatives, which the browser's dependencies name, so apt installs the packages.
  if ! unshare --mount debootstrap --variant=minbase "$SUITE" "$made" "$MIRROR" >"$log" 2>&1 \
    || ! { link_network "$made" && ROOT=$made inside / "apt-get update -qq && DEBIAN_FRONTEND=noninteractive \
      apt-get install -qq -y --no-install-recommends $PACKAGES && apt-get clean" >>"$log" 2>&1; }; then
    tail -n 3 "$log" >&2
    unavailable "Debian 13 could not be installed, see $log"
  fi
  mv "$made" "$ROOT"
}

# link_network FOLDER: names of hosts, and the certificates of this machine, which may include the one of its proxy.
link_network() {
  cp -L /etc/resolv.conf /etc/hosts "$1/etc/"
  if [ -e /etc/ssl/certs/ca-certificates.crt ]; then
    mkdir -p "$1/etc/ssl/certs"
    cp -L /etc/ssl/certs/ca-certificates.crt "$1/etc/ssl/certs/"
  fi
}

# inside FOLDER SCRIPT: runs bash code in a folder of the Debian folder, without any variable of this machine but CI and the proxies.
inside() {
  local certificates=/etc/ssl/certs/ca-certificates.crt
  SHARED=$(realpath ../shared) ROOT=$ROOT unshare --mount --pid --fork --kill-child bash -euo pipefail -c '
    mount -t proc proc "$ROOT/proc"
    mount --rbind /dev "$ROOT/dev"
    if [ -d "$SHARED" ] && [ -d "$ROOT/src/shared" ]; then mount --bind -o ro "$SHARED" "$ROOT/src/shared"; fi
    exec chroot "$ROOT" /usr/bin/env -i "$@"
  ' inside PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/src/home LANG=C.UTF-8 "CI=${CI:-}" \
    UV_CACHE_DIR=/var/cache/uv PIP_CERT=$certificates SSL_CERT_FILE=$certificates \
    "http_proxy=${http_proxy:-}" "https_proxy=${https_proxy:-}" "no_proxy=${no_proxy:-}" \
    bash -euo pipefail -c "cd $1; $2" </dev/null
}

# What a test fetched once for this machine (axe-core, by npm) need not be fetched there, where there is no npm.
copy_fetched() {
  local kept=$ROOT/src/home/.cache/fairgate
  mkdir -p "$kept"
  find "$CACHE" -maxdepth 1 -name 'axe-core@*.js' -exec cp {} "$kept" \;
}

prepare() {
  check_machine
  lock
  make_root
  mkdir -p "$ROOT/src/shared" "$ROOT/src/home"
  link_network "$ROOT"
  copy_tree "$TREE"
  inside /src/fairgate 'make setup; TF_CPP_MIN_LOG_LEVEL=3 .venv/bin/python scripts/stack.py'
  echo "test-modern: Debian 13 with Python 3.13 in $ROOT ($(du -sh "$ROOT" | cut -f1), its .venv $(du -sh "$TREE/.venv" | cut -f1)), after $SECONDS s"
}

main() {
  case ${1:-} in
    check) check_machine; echo "test-modern: can run" ;;
    prepare) prepare ;;
    *)
      prepare
      copy_fetched
      run_there "$TREE" inside /src/fairgate
      run_here
      echo "test-modern: $SECONDS s in all"
      compare
      ;;
  esac
}

main "$@"
