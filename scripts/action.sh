#!/usr/bin/env bash
# The step of action.yml: judge predictions, write the outputs and the summary of the job, and fail it as FAIL_ON says.
# In: the inputs of the action as environment variables; GITHUB_OUTPUT and GITHUB_STEP_SUMMARY, files. Out: exit code 0 or that of fairgate.
set -uo pipefail

read -r -a predictions <<<"$PREDICTIONS"
read -r -a scores <<<"$SCORES"
read -r -a further <<<"${ARGUMENTS:-}"
arguments=(--label "$LABEL" --out "$OUT")
for score in "${scores[@]}"; do arguments+=(--score "$score"); done
[ -n "${SLICES:-}" ] && arguments+=(--slices "$SLICES")
[ -n "${POLICY:-}" ] && arguments+=(--policy "$POLICY")

fairgate evaluate "${predictions[@]}" "${arguments[@]}" "${further[@]}"
code=$?
case $code in
  0 | 1 | 2) ;;
  *) exit $code ;; # a mistake or a crash: there is no verdict
esac
outcome=$(python -c 'import json, sys; print(json.load(open(sys.argv[1], encoding="utf-8"))["outcome"])' "$OUT/verdict.json")
{
  echo "outcome=$outcome"
  echo "verdict=$OUT/verdict.json"
  echo "report=$OUT/report.html"
} >>"$GITHUB_OUTPUT"
cat "$OUT/verdict.md" >>"$GITHUB_STEP_SUMMARY"
case ",${FAIL_ON// /}," in
  *",$outcome,"*) exit $((code == 0 ? 1 : code)) ;;
esac
