#!/usr/bin/env bash
# The step of action.yml: judge predictions, write the outputs and the summary of the job, and fail it as FAIL_ON says.
# In: the inputs of the action as environment variables; GITHUB_OUTPUT and GITHUB_STEP_SUMMARY, files. Out: exit code 0 or that of fairgate.
set -uo pipefail

# Inputs may have several lines.
words() { tr ',\n\t' '   ' <<<"$1"; }
read -r -d '' -a predictions <<<"$PREDICTIONS" || true
read -r -d '' -a scores <<<"$SCORES" || true

# Words with spaces stand in quotes, as in --where "split == 'test'"; nothing is run, and a backslash is a sign as any other.
further=()
quoted='import shlex, sys
words = shlex.shlex(sys.argv[1], posix=True)
words.whitespace_split, words.escape, words.commenters = True, "", ""
try:
    sys.stdout.buffer.write("".join(" ".join(word.split("\n")) + "\n" for word in words).encode("utf-8", "surrogateescape"))
except ValueError:
    sys.exit(f"Error: arguments has a quote that is never closed: {sys.argv[1].strip()}")'
split=$(python -c "$quoted" "${ARGUMENTS:-}") || exit 3
[ -z "$split" ] || while IFS= read -r word; do further+=("$word"); done <<<"$split"
read -r -a fail_on <<<"$(words "${FAIL_ON:-}")"

for outcome in "${fail_on[@]}"; do
  case $outcome in
    blessed | refused | inconclusive | reported) ;;
    *)
      echo "Error: fail-on names '$outcome', which is no outcome; write refused, inconclusive, blessed or reported, with commas." >&2
      exit 3
      ;;
  esac
done
read -r -d '' -a decisions <<<"${DECISIONS:-}" || true
arguments=()
[ -n "${LABEL:-}" ] && arguments+=(--label "$LABEL")
for decision in "${decisions[@]}"; do arguments+=(--decision "$decision"); done
for score in "${scores[@]}"; do arguments+=(--score "$score"); done
[ -n "${SLICES:-}" ] && arguments+=(--slices "$SLICES")
[ -n "${POLICY:-}" ] && arguments+=(--policy "$POLICY")

# --out last: the outputs below are of this folder.
fairgate evaluate "${predictions[@]}" "${arguments[@]}" "${further[@]}" --out "$OUT"
code=$?
case $code in
  0 | 1 | 2) ;;
  *) exit $code ;; # a mistake or a crash: there is no verdict
esac
outcome=$(python -c 'import json, sys; print(json.load(open(sys.argv[1], encoding="utf-8"))["outcome"])' "$OUT/verdict.json") || exit 70
{
  echo "outcome=$outcome"
  echo "verdict=$OUT/verdict.json"
  echo "report=$OUT/report.html"
} >>"$GITHUB_OUTPUT"
cat "$OUT/verdict.md" >>"$GITHUB_STEP_SUMMARY"
for failing in "${fail_on[@]}"; do
  [ "$failing" != "$outcome" ] || exit $((code == 0 ? 1 : code))
done
