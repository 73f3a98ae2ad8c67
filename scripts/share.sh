#!/usr/bin/env bash
# One part of continuous integration, which must be done by a minute of the run: runs a command, and fails where it fails or is late.
# What an earlier part leaves of its minutes, later ones have. FAIRGATE_CI_STARTED (seconds since 1970) is when the run began; now if unset.
# With --needs SECONDS it is not begun where less time is left than that; one line says so, and the exit code is 75.
# Example: scripts/share.sh "make test" 44 make test
set -euo pipefail
needs=0
if [ "$1" = --needs ]; then
  needs=$2
  shift 2
fi
name=$1 minute=$2
shift 2

left=$(awk -v since="${FAIRGATE_CI_STARTED:-$(date +%s)}" -v now="$(date +%s)" -v minute="$minute" 'BEGIN { print since + 60 * minute - now }')
if [ "${left%%.*}" -lt 0 ]; then
  echo "ci: $name: not begun by minute $minute of the run" >&2
  exit 124
fi
if [ "${left%%.*}" -lt "$needs" ]; then
  echo "ci: $name: left out: it takes about $needs s on this machine, and ${left%%.*} s are left until minute $minute of the run" >&2
  exit 75
fi
code=0
timeout --kill-after=30s "${left}s" "$@" || code=$?
case $code in
  0) echo "ci: $name: $SECONDS s" ;;
  124) echo "ci: $name: not done by minute $minute of the run" >&2 ;;
  137) echo "ci: $name: killed after $SECONDS s, by minute $minute of the run or for want of memory" >&2 ;;
  *) echo "ci: $name: failed with exit code $code" >&2 ;;
esac
exit "$code"
