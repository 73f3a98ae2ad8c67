#!/usr/bin/env bash
# Both stacks: the modern one (Python 3.13, TFX 1.21) in a Debian 13 folder on any Linux machine, beside the one of this machine's .venv.
# Installs the locked environment there, runs the tests, and the sample on both; scripts/compare_stacks.py says whether they agree, and how far apart they are.
# In: the working tree as it is, runs/tests.xml of the last `make test`. Out: runs/stacks/{here,modern}/{tests.xml,verdict.json,run.log}, and the table.
# The folder is kept in the user's cache; its name holds a digest of what went into it. Its mounts live in a name space of their own and end with it.
# Where root, debootstrap, name spaces or disk are missing, one line says so and the exit code is 0.
# PYTEST_ARGS is passed on to pytest; FAIRGATE_DEBIAN_MIRROR names another mirror. Takes 10 to 15 minutes on two cores, half of that with -m "not slow".
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

SUITE=trixie
PACKAGES=python3,python3-venv,python3-dev,g++,make,git,ca-certificates
MIRROR=${FAIRGATE_DEBIAN_MIRROR:-http://deb.debian.org/debian}
CACHE=${XDG_CACHE_HOME:-$HOME/.cache}/fairgate
ROOT=$CACHE/$SUITE-$(echo "$SUITE $PACKAGES $MIRROR" | sha256sum | cut -c1-12)
# Debian takes 0.6 GB, the environment 3 GB, the run 1 GB.
NEEDED_GB=6
HERE=runs/stacks/here
MODERN=runs/stacks/modern

skip() {
  echo "test-modern: left out: $1"
  exit 0
}

check_machine() {
  [ "$(uname -m)" = x86_64 ] || skip "this is not x86-64"
  case $(.venv/bin/python -V) in *" 3.10."*) ;; *) skip "this machine has the modern stack itself: make test" ;; esac
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
    "http_proxy=${http_proxy:-}" "https_proxy=${https_proxy:-}" "no_proxy=${no_proxy:-}" \
    bash -euo pipefail -c "cd /src/fairgate; $1" </dev/null
}

# judged EXIT_CODE LOG: a run that ends without a blessing has a verdict too, to be compared; a crash shows the end of its log.
judged() {
  [ "$1" -le 2 ] || { tail -n 20 "$2" >&2; exit 1; }
}

# The sample on this machine's stack; steps that an earlier run of the same source did come from the cache.
run_here() {
  mkdir -p "$HERE"
  .venv/bin/fairgate run civil-comments --sample --root "$HERE/run" >"$HERE/run.log" 2>&1 || judged $? "$HERE/run.log"
  cp -f "$HERE/run/latest/verdict.json" "$HERE/"
  rm -f "$HERE/tests.xml"
  if [ -e runs/tests.xml ]; then cp -f runs/tests.xml "$HERE/"; fi
}

run_there() {
  rm -rf "$MODERN"
  mkdir -p "$MODERN"
  inside 'make setup; .venv/bin/python scripts/stack.py'
  inside '.venv/bin/fairgate run civil-comments --sample --root runs/sample' >"$MODERN/run.log" 2>&1 || judged $? "$MODERN/run.log"
  cp -f "$ROOT/src/fairgate/runs/sample/latest/verdict.json" "$MODERN/"
  # The comparison tells of failed tests, beside everything else.
  inside "make pytest PYTEST_ARGS=$(printf %q "${PYTEST_ARGS:-}")" 2>&1 | tee "$MODERN/pytest.log" || true
  cp -f "$ROOT/src/fairgate/runs/tests.xml" "$MODERN/"
}

main() {
  check_machine
  exec 9>"$CACHE/lock"
  flock 9
  make_root
  copy_tree
  run_there
  run_here
  echo "test-modern: Debian 13 with Python 3.13 in $ROOT ($(du -sh "$ROOT" | cut -f1), its .venv $(du -sh "$ROOT/src/fairgate/.venv" | cut -f1)), $SECONDS s in all"
  .venv/bin/python scripts/compare_stacks.py "$HERE" "$MODERN"
}

main
