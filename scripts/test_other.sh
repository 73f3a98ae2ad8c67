#!/usr/bin/env bash
# The stack that is not the one of this machine's .venv: the modern one beside Python 3.10, else the older one. Arguments: see those scripts.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

case $(.venv/bin/python -V) in
  *" 3.10."*) exec scripts/test_modern.sh "$@" ;;
  *) exec scripts/test_older.sh "$@" ;;
esac
