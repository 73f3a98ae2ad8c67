#!/usr/bin/env bash
# The wheel alone in fresh environments of Python 3.10 and 3.13: how long it takes to install, how large it is, and that the tutorial runs there.
# In: the working tree, PyPI. Out: a line per environment; nothing is left behind. A Python that neither is here nor can be fetched is skipped, and
# named; where none is left, the exit code is 1. scikit-learn, which trains the tutorial's models, is installed after the wheel was measured.
# Example: scripts/wheel_check.sh 3.13
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source scripts/machine.sh

TUTORIAL=notebooks/tutorial.ipynb
[ -f "$TUTORIAL" ] || TUTORIAL=docs/examples/gate_scikit_learn.py
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# find_python VERSION: one that is here, else one that uv fetches.
find_python() {
  local candidate answer
  while IFS= read -r candidate; do
    answer=$(describe_python "$candidate") || continue
    if [ "${answer%% *}" = "$1" ]; then echo "$candidate"; return; fi
  done < <(python_candidates "$1" | awk '!seen[$0]++')
  scripts/uv.sh python install --quiet "$1" >&2 && scripts/uv.sh python find --managed-python "$1"
}

build() {
  mkdir "$folder/src"
  git ls-files --cached --others --exclude-standard -z -- fairgate pyproject.toml README.md LICENSE |
    tar --create --null --files-from=- | tar --extract --directory="$folder/src"
  scripts/uv.sh build --quiet --wheel --out-dir "$folder/dist" "$folder/src"
  wheel=$(echo "$folder"/dist/*.whl)
}

seconds() { awk -v from="$1" -v to="$(date +%s.%N)" 'BEGIN {printf "%.1f", to - from}'; }

# try VERSION
try() {
  local python environment=$folder/env-$1 start installed size packages tutorial=$PWD/$TUTORIAL code=0
  python=$(find_python "$1") || { echo "wheel-check: Python $1 is not here and could not be fetched; skipped" >&2; return 0; }
  scripts/uv.sh venv --quiet --python "$python" "$environment"
  start=$(date +%s.%N)
  scripts/uv.sh pip install --quiet --python "$environment" "$wheel"
  installed=$(seconds "$start")
  size=$(du -sm "$environment" | cut -f1)
  packages=$(find "$environment" -maxdepth 5 -name '*.dist-info' | wc -l)
  scripts/uv.sh pip install --quiet --python "$environment" scikit-learn
  mkdir -p "$folder/empty"
  "$environment/bin/python" -I scripts/notebook_code.py "$tutorial" >"$folder/tutorial.py"
  start=$(date +%s.%N)
  (cd "$folder/empty" && env -i PATH=/usr/bin:/bin HOME="$folder" PYTHONWARNINGS=error \
    "$environment/bin/python" -I "$folder/tutorial.py") >"$folder/tutorial.log" 2>&1 || code=$?
  if [ "$code" != 0 ]; then
    echo "wheel-check: $TUTORIAL failed on Python $1: $(tail -n 5 "$folder/tutorial.log")" >&2
    return 1
  fi
  echo "wheel-check: Python $1: $packages packages, $size MB, installed in $installed s; $TUTORIAL ran in $(seconds "$start") s"
  tried=$((tried + 1))
}

build
echo "wheel-check: $(basename "$wheel"), $(($(stat -c %s "$wheel") / 1024)) KB"
tried=0
[ "$#" -gt 0 ] || set -- 3.10 3.13
for version in "$@"; do try "$version"; done
[ "$tried" -gt 0 ] || { echo "wheel-check: no Python was found; install one (pyenv install 3.13)" >&2; exit 1; }
