#!/usr/bin/env bash
# Runs uv: the one on PATH if it is new enough, else a private one in .tools/uv that is made on first use.
# Example: scripts/uv.sh lock --upgrade
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source scripts/machine.sh

UV_VERSION=0.13.9

uv_is_new_enough() {
  local version
  version=$("$1" --version 2>/dev/null | sed -n 's/^uv \([0-9.]*\).*/\1/p')
  [ -n "$version" ] && at_least "$version" "$UV_VERSION"
}

# bootstrap_python: any Python that can make an environment with pip in it.
bootstrap_python() {
  local candidate
  for candidate in python3 "${FAIRGATE_PYTHON:-}" $(choose_python "$(glibc_version)" | cut -d' ' -f3-) /usr/bin/python3; do
    if [ -n "$candidate" ] && "$candidate" -I -c 'import venv, ensurepip' >/dev/null 2>&1; then
      echo "$candidate"
      return
    fi
  done
  echo "set-up: python3 with venv and pip is missing: $(remedy python3-venv)" >&2
  return 1
}

make_private_uv() {
  local python log
  python=$(bootstrap_python)
  echo "set-up: fetching uv $UV_VERSION into .tools/uv" >&2
  mkdir -p .tools
  log=.tools/uv.log
  if ! { "$python" -m venv --clear .tools/uv && .tools/uv/bin/python -m pip install --quiet --disable-pip-version-check "uv==$UV_VERSION"; } >"$log" 2>&1
  then
    echo "set-up: uv $UV_VERSION could not be installed from PyPI: $(tail -n 1 "$log")" >&2
    return 1
  fi
}

uv=.tools/uv/bin/uv
if ! uv_is_new_enough "$uv"; then
  if uv_is_new_enough uv; then uv=uv; else make_private_uv; fi
fi
exec "$uv" "$@"
