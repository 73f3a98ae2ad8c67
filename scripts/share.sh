#!/usr/bin/env bash
# One share of the minutes of continuous integration: runs a command, and fails where it fails or is not done within its share.
# Example: scripts/share.sh "make test" 15 make test
set -euo pipefail
name=$1 minutes=$2
shift 2

code=0
timeout --kill-after=30s "${minutes}m" "$@" || code=$?
case $code in
  0) echo "ci: $name: $SECONDS s of its $minutes minutes" ;;
  124) echo "ci: $name: not done within its $minutes minutes" >&2 ;;
  137) echo "ci: $name: killed after $SECONDS s, by the timeout of $minutes minutes or for want of memory" >&2 ;;
  *) echo "ci: $name: failed with exit code $code" >&2 ;;
esac
exit "$code"
