#!/usr/bin/env bash
# Makes .venv: the Python that suits this machine, and the locked packages in it. Quick when nothing has changed.
# In: pyproject.toml, uv.lock. Out: .venv (and .tools/uv). Each missing thing is named in one line with its remedy; then the exit code is 1.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source scripts/machine.sh

STAMP=.venv/.set-up

# What the environment depends on; the folder too, because the scripts in .venv hold its path.
digest() {
  { cat pyproject.toml uv.lock scripts/*.sh && echo "$PWD" "$1" "${FAIRGATE_PYTHON:-}"; } | sha256sum | cut -d' ' -f1
}

is_current() {
  [ "$(cat "$STAMP" 2>/dev/null)" = "$1 $PWD" ] && [ -x .venv/bin/fairgate ] && .venv/bin/python -c '' >/dev/null 2>&1
}

fail() {
  echo "set-up: $1" >&2
  exit 1
}

# find_or_fetch_python GLIBC: as choose_python; as the last resort, uv downloads one.
find_or_fetch_python() {
  local versions
  choose_python "$1" && return
  versions=$(python_versions "$1")
  if [ -n "${FAIRGATE_PYTHON:-}" ]; then
    fail "FAIRGATE_PYTHON=$FAIRGATE_PYTHON does not run, or is none of Python ${versions// /, }: name another, or unset it"
  fi
  echo "set-up: none of Python ${versions// /, } works here; fetching ${versions%% *} with uv" >&2
  if ! scripts/uv.sh python install --quiet "${versions%% *}"; then
    fail "Python ${versions%% *} is missing: install it (pyenv install ${versions%% *}), or name one: FAIRGATE_PYTHON=/path/to/python${versions%% *}"
  fi
  describe_python "$(scripts/uv.sh python find --managed-python "${versions%% *}")"
}

# check_tools VERSION headers|bare PATH: all that is missing, a line each.
check_tools() {
  local missing=0 package
  if ! has_compiler; then
    echo "set-up: a C++ compiler is missing: $(remedy g++)" >&2
    missing=1
  fi
  if ! command -v make >/dev/null; then
    echo "set-up: make is missing: $(remedy make)" >&2
    missing=1
  fi
  if [ "$2" = bare ]; then
    case $3 in
      /usr/bin/*) package=$(remedy "python$1-dev") ;;
      *) package="install that Python with its headers, or name another one: FAIRGATE_PYTHON=/path/to/python$1" ;;
    esac
    echo "set-up: Python.h of $3 is missing: $package" >&2
    missing=1
  fi
  return "$missing"
}

synchronise() {
  local options=()
  # Without a terminal, uv would print a line for every package.
  [ -t 2 ] || options+=(--quiet)
  # A folder that was moved: the old path stands in every script of .venv.
  if [ -e "$STAMP" ] && [ "$(cut -d' ' -f2- "$STAMP")" != "$PWD" ]; then rm -rf .venv; fi
  rm -f "$STAMP"
  env -u VIRTUAL_ENV -u UV_PYTHON UV_PROJECT_ENVIRONMENT=.venv UV_HTTP_TIMEOUT="${UV_HTTP_TIMEOUT:-300}" \
    scripts/uv.sh sync --locked --python "$1" "${options[@]}"
}

# The packages pipeline, components and data are in no wheel: with this file .venv imports them from anywhere, as cron and Beam's workers do.
write_path() {
  local folder
  for folder in .venv/lib/python3.*/site-packages; do
    if [ -d "$folder" ]; then echo "$PWD" >"$folder/fairgate-pipeline.pth"; fi
  done
}

# Loads all large packages once: that shows that they load, and stores what Python compiles. Where PYTHONDONTWRITEBYTECODE is set (as in
# many containers), every start of the command would compile TensorFlow and TFX again, for a quarter of a minute.
load_packages() {
  env -u PYTHONDONTWRITEBYTECODE .venv/bin/python scripts/stack.py >/dev/null 2>&1
}

main() {
  local glibc wanted answer version headers python
  glibc=$(glibc_version)
  [ "$(uname -s)-$(uname -m)" = Linux-x86_64 ] && [ -n "$glibc" ] || fail "TFX runs on Linux on x86-64 with glibc only; use a container"
  wanted=$(digest "$glibc")
  if is_current "$wanted"; then
    echo "set-up: nothing to do (.venv, $(.venv/bin/python -V))"
    return
  fi
  answer=$(find_or_fetch_python "$glibc") || exit 1
  read -r version headers python <<<"$answer"
  check_tools "$version" "$headers" "$python" || exit 1
  echo "set-up: .venv with Python $version ($python, glibc $glibc); the first time this downloads about 1 GB"
  synchronise "$python" || fail "the locked packages could not be installed (see above); if .venv is damaged, remove it and try again"
  write_path
  load_packages || fail "the packages are installed but do not load; .venv/bin/python scripts/stack.py says why"
  echo "$wanted $PWD" >"$STAMP"
  echo "set-up: done in $SECONDS s"
}

main
