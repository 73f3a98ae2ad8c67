#!/usr/bin/env bash
# Runs the image's build steps without Docker: the files that the Dockerfile copies, in a clean folder, then install.sh, then what a container
# starts with. Needs PyPI or a warm cache of uv. Prints the size in MB.
# Example: kubeflow/check.sh, or PYTHON=/usr/bin/python3.13 kubeflow/check.sh
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

clean=$(mktemp -d)
trap 'rm -rf "$clean"' EXIT
mkdir "$clean/src" "$clean/home"
# What the Dockerfile's own COPY lines name: all words but the last.
sed -n 's/^COPY \([^-].*\) [^ ]*$/\1/p' kubeflow/Dockerfile | tr ' ' '\n' | while IFS= read -r name; do
  git ls-files --cached --others --exclude-standard -z -- "$name" | tar --create --null --files-from=- | tar --extract --directory="$clean/src"
done
if [ -d .tools/uv ]; then mkdir "$clean/src/.tools" && ln -s "$PWD/.tools/uv" "$clean/src/.tools/uv"; fi

"$clean/src/kubeflow/install.sh" "$clean/fairgate"
container=(env -i -C "$clean/home" "HOME=$clean/home" "PATH=$clean/fairgate/bin:/usr/bin:/bin" TF_CPP_MIN_LOG_LEVEL=3)
"${container[@]}" fairgate --help >/dev/null
"${container[@]}" python -c '
import pipeline.kubeflow.entry, sys
import pipeline.graph
from tfx.orchestration.kubeflow.v2.container import kubeflow_v2_run_executor
from tensorflow_model_analysis import default_eval_shared_model  # TFMA hides what it cannot import
assert sys.prefix in pipeline.__file__, pipeline.__file__
' 2>/dev/null
if "${container[@]}" python -c 'import pytest' 2>/dev/null; then
  echo "check: the image would hold test tools" >&2
  exit 1
fi
echo "check: fairgate and the entry point start; $(du -sm "$clean/fairgate" | cut -f1) MB beside the base image"
