#!/usr/bin/env bash
# The wheel as a stranger gets it: built, installed with the locked packages into an empty environment, and the sample run from an empty folder.
# In: the working tree, .venv for its Python. Out: the run's own output; nothing is left behind. Takes 4 minutes on two cores with the packages in uv's cache.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# By way of a source archive: what lies in build/ from earlier days stays out.
scripts/uv.sh build --quiet --no-build-isolation --python .venv/bin/python --out-dir "$folder/dist" .
# pip cannot resolve tfx and fairness-indicators together, so the packages come from the lock, with their check sums.
scripts/uv.sh export --quiet --locked --no-dev --no-emit-project --output-file "$folder/requirements.txt"
scripts/uv.sh venv --quiet --python .venv/bin/python "$folder/env"
scripts/uv.sh pip install --quiet --python "$folder/env" --no-deps --requirement "$folder/requirements.txt"
scripts/uv.sh pip install --quiet --python "$folder/env" --no-deps "$folder"/dist/*.whl
echo "test-wheel: $(basename "$folder"/dist/*.whl) in an environment of $(du -sh "$folder/env" | cut -f1), after $SECONDS s"

mkdir "$folder/elsewhere"
cd "$folder/elsewhere"
"$folder/env/bin/python" -m pipeline run civil-comments --sample
