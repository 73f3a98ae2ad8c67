#!/usr/bin/env bash
# The main jobs: the toxicity task on a generated sample by default and as the published exercise, then the digits.
# Prints the three outcomes. Exit code 0 when each job ran to a verdict, whatever it says; else the code of the first that did not.
set -uo pipefail
cd "$(dirname "$0")/.."

FAIRGATE=${FAIRGATE:-.venv/bin/fairgate}
OUTCOMES=(blessed refused inconclusive) # by exit code, as in fairgate/cli/exit_codes.py
SUMMARY=()
FAILED=0

# job NAME ARGUMENTS…: one run.
job() {
  local name=$1 code=0
  shift
  echo "== $name: fairgate run $*"
  "$FAIRGATE" run "$@" || code=$?
  if [ "$code" -lt "${#OUTCOMES[@]}" ]; then
    SUMMARY+=("$name: ${OUTCOMES[$code]}")
  else
    SUMMARY+=("$name: no verdict (exit code $code)")
    [ "$FAILED" != 0 ] || FAILED=$code
  fi
}

job "sample, default" civil-comments --sample
job "sample, exercise" civil-comments --sample --preset exercise --published --root runs/exercise
job "digits" digits
printf '\n'
printf '%s\n' "${SUMMARY[@]}"
exit "$FAILED"
