#!/usr/bin/env bash
# The wheel as a stranger gets it: only fairgate/ is in it; plain pip installs it into an empty environment of Python 3.10, 3.12 and 3.13;
# there, from an empty folder, every command of the library works on a copy of a run. Its dependencies resolve on macOS and Windows, without a
# compiler. In: the working tree; the folder of a run (runs/civil-comments, or a run of the digits that is made here). Needs PyPI. Out: a line
# per check; nothing is left behind. Takes about 3 minutes on two cores.
# Example: scripts/test_wheel.sh runs/digits
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source scripts/machine.sh

VERSIONS="3.10 3.12 3.13"
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

fail() {
  echo "test-wheel: $1" >&2
  exit 1
}

# find_python VERSION: the first that runs and can make an environment with pip in it.
find_python() {
  local candidate answer
  while IFS= read -r candidate; do
    answer=$(describe_python "$candidate") || continue
    if [ "${answer%% *}" = "$1" ] && "$candidate" -I -c 'import venv, ensurepip' 2>/dev/null; then
      echo "$candidate"
      return 0
    fi
  done < <(python_candidates "$1" | awk '!seen[$0]++')
  return 1
}

build() {
  # From a copy of what git knows or would add: what lies in build/ from earlier days stays out.
  mkdir "$folder/src"
  git ls-files --cached --others --exclude-standard -z -- fairgate pyproject.toml README.md LICENSE |
    tar --create --null --files-from=- | tar --extract --directory="$folder/src"
  scripts/uv.sh build --quiet --wheel --out-dir "$folder/dist" "$folder/src"
  wheel=$(echo "$folder"/dist/*.whl)
  local others
  others=$(.venv/bin/python -m zipfile --list "$wheel" | awk 'NR > 1 {print $1}' | grep -Ev '^fairgate(-[^/]*\.dist-info)?/' || true)
  [ -z "$others" ] || fail "the wheel holds more than fairgate/: $others"
  echo "test-wheel: $(basename "$wheel"), $(($(stat -c %s "$wheel") / 1024)) KB, holds fairgate/ alone"
}

# resolve PLATFORM VERSION: every dependency has a wheel there.
resolve() {
  local packages
  packages=$(scripts/uv.sh pip compile --quiet --no-config --only-binary :all: --python-platform "$1" --python-version "$2" \
    --no-header --no-annotate "$folder/src/pyproject.toml") || fail "no wheels of every dependency for Python $2 on $1 (see above)"
  echo "test-wheel: $(wc -l <<<"$packages") packages for Python $2 on $1, all of them wheels"
}

# run_folder [FOLDER]: the run to read: the one that was named, that of `make run`, or a new one.
run_folder() {
  if [ -n "${1:-}" ]; then
    [ -e "$1/latest/verdict.json" ] || fail "$1 is no root folder of a finished run"
    echo "$1"
  elif [ -e runs/civil-comments/latest/verdict.json ]; then
    echo runs/civil-comments
  else
    local code=0
    .venv/bin/fairgate run digits --root "$folder/run" >"$folder/run.log" 2>&1 || code=$?
    [ "$code" -le 2 ] || fail "fairgate run digits ended with $code: $(tail -n 5 "$folder/run.log")"
    echo "$folder/run"
  fi
}

# try VERSION RUN
try() {
  local python environment start=$SECONDS
  python=$(find_python "$1") || { echo "test-wheel: Python $1 was not found; skipped"; return 0; }
  environment=$folder/env-$1
  "$python" -m venv "$environment"
  "$environment/bin/python" -m pip install --quiet --disable-pip-version-check --only-binary :all: "$wheel"
  local size answer
  size=$(du -sm "$environment" | cut -f1)
  # Not inside the echo, whose success would hide a failure.
  answer=$("$environment/bin/python" -I scripts/installed_library.py "$2")
  echo "test-wheel: $answer, environment $size MB, $((SECONDS - start)) s"
  tried=$((tried + 1))
  rm -rf "$environment"
}

build
for version in 3.10 3.14; do
  for platform in macos windows; do resolve "$platform" "$version"; done
done
run=$(run_folder "${1:-}")
tried=0
for version in $VERSIONS; do try "$version" "$run"; done
[ "$tried" -gt 0 ] || fail "none of Python $VERSIONS was found: install one (pyenv install 3.12)"
