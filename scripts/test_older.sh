#!/usr/bin/env bash
# Both stacks, where the modern one is this machine's: the older one (Python 3.10, TFX 1.16) in a copy of the tree, with an environment of its own.
# In and out: as scripts/test_modern.sh, with runs/stacks/older; the copy is kept in the user's cache.
# Where there is no Python 3.10 with its headers, one line says so and the exit code is 0, in CI too: many systems no longer have one.
# `scripts/test_older.sh check` only says whether it can run, `prepare` installs only. PYTEST_ARGS is passed on to pytest.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source scripts/machine.sh

NAME=test-older
CACHE=${XDG_CACHE_HOME:-$HOME/.cache}/fairgate
ROOT=$CACHE/python-3.10
TREE=$ROOT/src/fairgate
HERE=runs/stacks/here
THERE=runs/stacks/older
source scripts/other_stack.sh

check_machine() {
  case $(.venv/bin/python -V) in *" 3.10."*) unavailable "this machine has the older stack itself; the other one is make test-modern" ;; esac
  if ! PYTHON=$(older_python); then
    echo "test-older: not run: there is no Python 3.10 with its headers here"
    exit 0
  fi
}

# inside SCRIPT: runs bash code in the copy, with the Python that was found.
inside() {
  (cd "$TREE" && FAIRGATE_PYTHON=$PYTHON bash -euo pipefail -c "$1") </dev/null
}

prepare() {
  check_machine
  lock
  copy_tree "$TREE"
  # Tests look for the data beside the project.
  if [ -d ../shared ]; then ln -sfn "$(realpath ../shared)" "$ROOT/src/shared"; fi
  inside 'make setup; TF_CPP_MIN_LOG_LEVEL=3 .venv/bin/python scripts/stack.py'
  echo "test-older: $PYTHON in $TREE, after $SECONDS s"
}

main() {
  case ${1:-} in
    check) check_machine; echo "test-older: can run, with $PYTHON" ;;
    prepare) prepare ;;
    *)
      prepare
      run_there "$TREE" inside
      run_here
      echo "test-older: $SECONDS s in all"
      compare
      ;;
  esac
}

main "$@"
