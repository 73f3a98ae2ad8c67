#!/usr/bin/env bash
# Installs the locked packages and fairgate itself into FOLDER, without test tools: what the image holds. The Dockerfile runs it,
# and check.sh without Docker.
# In: the sources around this folder; PYTHON, python3 by default. Out: FOLDER/bin/fairgate.
# Example: kubeflow/install.sh /opt/fairgate
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

folder=$1
# What build.sh hands over for the one build step: this machine's package indexes, and where its certificates are.
if [ -e /run/secrets/indexes ]; then source /run/secrets/indexes; fi
export UV_PROJECT_ENVIRONMENT=$folder UV_LINK_MODE=${UV_LINK_MODE:-copy} UV_PYTHON_DOWNLOADS=never
# A container cannot keep what Python compiles: it is not root, and starts afresh for every step.
export UV_COMPILE_BYTECODE=${UV_COMPILE_BYTECODE:-1}
unset VIRTUAL_ENV
scripts/uv.sh sync --quiet --frozen --no-default-groups --group pipeline --group kubeflow --no-editable --python "${PYTHON:-python3}"

# The packages of the pipeline are in no wheel: they lie beside the environment, which finds them by a .pth file.
mkdir -p "$folder/src"
cp -R data components pipeline "$folder/src/"
find "$folder/src" -name __pycache__ -type d -prune -exec rm -rf {} +
packages=$("$folder/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
echo "$folder/src" >"$packages/fairgate-pipeline.pth"
"$folder/bin/python" -m compileall -q "$folder/src"

# What nothing imports: tests that packages bring along, and headers to compile against.
find "$folder" -depth -type d \( -name tests -o -name testdata \) -path '*/site-packages/*' -exec rm -rf {} +
rm -rf "$folder"/lib/python*/site-packages/tensorflow/include
