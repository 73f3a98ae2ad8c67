#!/usr/bin/env bash
# Mutation tests of the gate, the intervals and the metrics, as [tool.mutmut] in pyproject.toml says: the mutants that no test notices, and the score.
# Example: scripts/mutation.sh fairgate.gate.rules.gap*. Out: runs/mutation, with what mutmut keeps; a second call goes on where the first stopped.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
FOLDER=runs/mutation

mkdir -p "$FOLDER"
# Beside .venv, not in it: nothing else needs what mutmut brings. The locked versions, so that both hold the same pytest.
scripts/uv.sh export --quiet --frozen --only-group mutation --no-hashes --no-emit-project --output-file "$FOLDER/requirements.txt"
scripts/uv.sh pip install --quiet --python .venv/bin/python --target "$FOLDER/packages" --requirement "$FOLDER/requirements.txt"
for part in benchmarks components data fairgate pipeline tests; do
  rm -rf "${FOLDER:?}/$part"
  cp -r "$part" "$FOLDER"
done
cp pyproject.toml "$FOLDER"
cd "$FOLDER"
mutmut() {
  PYTHONPATH=$PWD/packages ../../.venv/bin/python -m mutmut "$@"
}
mutmut run "$@"
mutmut results
mutmut export-cicd-stats >/dev/null
../../.venv/bin/python - <<'PROGRAM'
import json
from pathlib import Path

found = json.loads(Path("mutants/mutmut-cicd-stats.json").read_text(encoding="utf-8"))
noticed = found["killed"] + found["timeout"] + found["segfault"]
print(f"{noticed} of {found['total']} mutants were noticed: {noticed / found['total']:.1%}")
PROGRAM
