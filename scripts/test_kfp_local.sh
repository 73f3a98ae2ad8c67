#!/usr/bin/env bash
# Executes the compiled pipeline of the digits with Kubeflow's own local engine (kfp.local), every step in a container of the image, and compares
# with `fairgate run digits` in a container of the same image: every value of the verdict and the exit code equal, and one model published.
# Builds the image first. The engine lives in an environment of its own (tests/environments/kfp); podman answers it by docker's interface.
# Out: runs/kfp-local: kfp.log, both verdicts, the compiled file, the artifacts. Ends with 1 where a step fails or something differs.
# Where neither docker nor podman can run a container, one line says so and the exit code is 0; with CI=true it is 1.
# Example: scripts/test_kfp_local.sh; for the older stack: FAIRGATE_PYTHON=$(pyenv prefix 3.10)/bin/python make test-kfp-local
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
NAME=test-kfp-local
source scripts/test_image.sh

TASK=digits
GATE=FairnessGate
OUT=$PWD/runs/kfp-local
WORK=$(mktemp -d)
SERVICE= # process that answers by docker's interface

stop() {
  trap - EXIT
  if [ -n "$SERVICE" ]; then kill "$SERVICE" 2>/dev/null || true; wait "$SERVICE" 2>/dev/null || true; fi
  remove_volume
  rm -rf "$WORK"
}
trap stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# start_service: for the docker client of kfp, where the engine is podman.
start_service() {
  is_podman || return 0
  export DOCKER_HOST=unix://$WORK/podman.sock
  "$ENGINE" system service --time 0 "$DOCKER_HOST" >"$WORK/service.log" 2>&1 &
  SERVICE=$!
  until [ -S "$WORK/podman.sock" ]; do
    kill -0 "$SERVICE" 2>/dev/null || { echo "$NAME: podman system service ended: $(tail -n 1 "$WORK/service.log")" >&2; exit 1; }
    sleep 0.2
  done
}

# shown FILE COMMAND…: the output goes to the file, its end is shown where the command fails.
shown() {
  local file=$1
  shift
  "$@" >"$file" 2>&1 || { tail -n 30 "$file" >&2; echo "$NAME: failed, see $file" >&2; exit 1; }
}

# steps_of PIPELINE LOG: when each step began. kfp takes the first five characters of a component's name for the prefix of its own compiler.
steps_of() {
  awk 'NR == FNR { name[substr($1, 6)] = $1; next } { print "  " $1, name[$2] }' <(sed -n '/taskInfo:/ { n; s/ *name: //p }' "$1") \
    <(sed -n "s/\x1b\[[0-9]*m//g; s/^\([0-9:]*\)[.0-9]* - INFO - Executing task '\(.*\)'/\1 \2/p" "$2")
}

# run_pipeline ROOT EXAMPLES
run_pipeline() {
  env -u VIRTUAL_ENV -u PYTHONPATH .tools/environments/kfp/bin/python -u tests/environments/kfp/run.py "$OUT/$TASK.yaml" \
    --root "$1" --volume "$VOLUME:$MOUNT" --set "examples=$2"
}

scripts/environments.sh kfp
build_image
rm -rf "$OUT"
mkdir -p "$OUT/artifacts"
chmod 1777 "$OUT/artifacts" # the image's user writes there

shown "$OUT/reference.log" in_container fairgate run "$TASK" --root "$MOUNT/reference"
in_container cat "$MOUNT/reference/latest/verdict.json" >"$OUT/reference.json"
echo "$NAME: fairgate run $TASK in one container: done after $SECONDS s"

shown "$OUT/compile.log" in_container fairgate kubeflow compile "$TASK" --image "$IMAGE" --volume "fairgate:$MOUNT" --output "$MOUNT/$TASK.yaml"
in_container cat "$MOUNT/$TASK.yaml" >"$OUT/$TASK.yaml"
examples=$(in_container sh -c "echo $MOUNT/reference/examples/*")

start_service
started=$SECONDS
shown "$OUT/kfp.log" run_pipeline "$OUT/artifacts" "$examples"
echo "$NAME: $(grep -c 'Executing task' "$OUT/kfp.log") steps in containers by kfp.local in $((SECONDS - started)) s:"
steps_of "$OUT/$TASK.yaml" "$OUT/kfp.log"

cp "$OUT"/artifacts/*/"${GATE:5}"/verdict/verdict.json "$OUT/verdict.json"
.tools/environments/kfp/bin/python scripts/compare_verdicts.py "$OUT/reference.json" "$OUT/verdict.json"
owners=$(find "$OUT/artifacts" -type f -printf '%U\n' | sort -u | paste -sd ' ')
published=$(in_container sh -c "find $MOUNT/serving -name saved_model.pb -printf '%U %p\n'")
echo "$NAME: artifacts belong to user $owners; published by user $published"
[ "$(wc -l <<<"$published")" = 1 ] && [ -n "$published" ] || { echo "$NAME: not one model was published" >&2; exit 1; }

# A container that fails ends the run with its own exit code, and its log with the command's own line.
code=0
run_pipeline "$OUT/artifacts" "$MOUNT/none" >"$OUT/failed.log" 2>&1 || code=$?
sed -n 's/\x1b\[[0-9]*m//g; s/^ *\(Error: .*\)/  \1/p' "$OUT/failed.log"
if [ "$code" != 3 ]; then
  echo "$NAME: examples that are not there ended the run with $code, not 3, see $OUT/failed.log" >&2
  exit 1
fi
echo "$NAME: passed after $SECONDS s"
