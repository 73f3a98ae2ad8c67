#!/usr/bin/env bash
# The modern stack (Python 3.13, TFX 1.21) on any Linux machine: Debian 13 in a folder, the locked environment in it, the tests, the sample run.
# In: the working tree as it is. Out: runs/modern/{pytest.log,run.log,verdict.json} and one line with test count and outcome.
# The folder is kept in the user's cache; its name holds a digest of what went into it. Its mounts live in a name space of their own and end with it.
# Where root, debootstrap, name spaces or disk are missing, one line says so and the exit code is 0.
# PYTEST_ARGS is passed on to pytest; FAIRGATE_DEBIAN_MIRROR names another mirror.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

SUITE=trixie
PACKAGES=python3,python3-venv,python3-dev,g++,make,git,ca-certificates
MIRROR=${FAIRGATE_DEBIAN_MIRROR:-http://deb.debian.org/debian}
CACHE=${XDG_CACHE_HOME:-$HOME/.cache}/fairgate
ROOT=$CACHE/$SUITE-$(echo "$SUITE $PACKAGES $MIRROR" | sha256sum | cut -c1-12)
# Debian takes 0.6 GB, the environment 3 GB, the run 1 GB.
NEEDED_GB=6

skip() {
  echo "test-modern: left out: $1"
  exit 0
}

check_machine() {
  [ "$(uname -m)" = x86_64 ] || skip "this is not x86-64"
  [ "$(id -u)" = 0 ] || skip "needs root (debootstrap, chroot)"
  PATH=$PATH:/usr/sbin:/sbin
  command -v debootstrap >/dev/null || skip "needs debootstrap (apt-get install debootstrap)"
  unshare --mount --pid --fork true 2>/dev/null || skip "this container may not mount anything (docker run --privileged)"
  mkdir -p "$CACHE"
  local free
  free=$(df --output=avail -BG "$CACHE" | tail -n 1 | tr -dc 0-9)
  [ -d "$ROOT" ] || [ "$free" -ge "$NEEDED_GB" ] || skip "needs $NEEDED_GB GB in $CACHE, $free GB are free"
}

make_root() {
  [ -d "$ROOT" ] && return
  echo "test-modern: Debian 13 into $ROOT"
  rm -rf --one-file-system "$CACHE/$SUITE"-*
  if ! unshare --mount debootstrap --variant=minbase --include="$PACKAGES" "$SUITE" "$ROOT.partial" "$MIRROR" >"$CACHE/debootstrap.log" 2>&1; then
    tail -n 3 "$CACHE/debootstrap.log" >&2
    skip "debootstrap failed, see $CACHE/debootstrap.log"
  fi
  mv "$ROOT.partial" "$ROOT"
}

# The tree with its uncommitted files; .venv and .tools stay from the last time.
copy_tree() {
  local target=$ROOT/src/fairgate
  mkdir -p "$target" "$ROOT/src/shared" "$ROOT/src/home"
  find "$target" -mindepth 1 -maxdepth 1 ! -name .venv ! -name .tools -exec rm -rf {} +
  git -c safe.directory='*' ls-files -z --cached --others --exclude-standard --deduplicate \
    | tar --create --null --ignore-failed-read --files-from=- 2>/dev/null | tar --extract --no-same-owner --directory="$target"
  cp -L /etc/resolv.conf /etc/hosts "$ROOT/etc/"
  # The certificates of this machine, which may include the one of its proxy.
  if [ -e /etc/ssl/certs/ca-certificates.crt ]; then cp -L /etc/ssl/certs/ca-certificates.crt "$ROOT/etc/ssl/certs/"; fi
}

# inside SCRIPT: runs bash code in the Debian folder, in /src/fairgate, without any variable of this machine but the proxies.
inside() {
  local certificates=/etc/ssl/certs/ca-certificates.crt
  SHARED=$(realpath ../shared) ROOT=$ROOT unshare --mount --pid --fork --kill-child bash -euo pipefail -c '
    mount -t proc proc "$ROOT/proc"
    mount --rbind /dev "$ROOT/dev"
    if [ -d "$SHARED" ]; then mount --bind -o ro "$SHARED" "$ROOT/src/shared"; fi
    exec chroot "$ROOT" /usr/bin/env -i "$@"
  ' inside PATH=/usr/local/bin:/usr/bin:/bin HOME=/src/home LANG=C.UTF-8 UV_CACHE_DIR=/var/cache/uv PIP_CERT=$certificates SSL_CERT_FILE=$certificates \
    "http_proxy=${http_proxy:-}" "https_proxy=${https_proxy:-}" "no_proxy=${no_proxy:-}" PYTEST_ARGS="${PYTEST_ARGS:-}" \
    bash -euo pipefail -c "cd /src/fairgate; $1" </dev/null
}

main() {
  local tests=0 run=0 counts outcome
  check_machine
  exec 9>"$CACHE/lock"
  flock 9
  make_root
  copy_tree
  mkdir -p runs/modern
  inside 'make setup; .venv/bin/python scripts/stack.py'
  inside '.venv/bin/python -m pytest -q $PYTEST_ARGS' 2>&1 | tee runs/modern/pytest.log || tests=$?
  inside '.venv/bin/fairgate run civil-comments --sample --root runs/sample' 2>&1 | tee runs/modern/run.log || run=$?
  cp -f "$ROOT/src/fairgate/runs/sample/latest/verdict.json" runs/modern/ 2>/dev/null || true
  counts=$(grep -E '^(=+ )?[0-9]+ (passed|failed|error)' runs/modern/pytest.log | tail -n 1 | tr -d '=' | xargs || true)
  outcome=$(sed -n 's/^ *"outcome": "\([a-z]*\)",\?$/\1/p' runs/modern/verdict.json 2>/dev/null | head -n 1 || true)
  echo "test-modern: Debian 13, Python 3.13: ${counts:-no tests}; sample run: ${outcome:-no verdict} (exit code $run)"
  [ "$tests" = 0 ] && [ "$run" = 0 ]
}

main
