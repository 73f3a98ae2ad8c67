#!/usr/bin/env bash
# Makes the environments of tests/environments whose packages do not resolve beside TFX: .tools/environments/NAME, by the lock of each folder.
# Quick when nothing has changed. Without names it makes those that tests use; `rivals`, of a benchmark, is made when it is named.
# Example: scripts/environments.sh mlflow
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source scripts/machine.sh

TESTED=(fairness mlflow models airflow kfp)
VERSIONS="3.13 3.12 3.11"  # of Python, which the locks allow

# What the tests import: compiled once here, where Python would otherwise store nothing (PYTHONDONTWRITEBYTECODE), and proof that it loads.
declare -A IMPORTS=(
  [kfp]="docker, kfp.local"
  [fairness]="aequitas.bias, aequitas.group, fairlearn.metrics"
  [mlflow]="mlflow.server, mlflow.models, fairgate.judging.judgement"
  [models]="sklearn.ensemble, xgboost, fairgate.judging.judgement"
)

# find_python: the first of VERSIONS that runs.
find_python() {
  local version candidate answer
  for version in $VERSIONS; do
    while IFS= read -r candidate; do
      answer=$(describe_python "$candidate") || continue
      if [ "${answer%% *}" = "$version" ]; then echo "$candidate"; return; fi
    done < <(python_candidates "$version" | awk '!seen[$0]++')
  done
  echo "environments: none of Python ${VERSIONS// /, } was found; install one (pyenv install 3.12), or: scripts/uv.sh python install 3.12" >&2
  return 1
}

# make_environment NAME
make_environment() {
  local folder=tests/environments/$1 place=$PWD/.tools/environments/$1 wanted start=$SECONDS python
  [ -f "$folder/uv.lock" ] || { echo "environments: there is no $folder/uv.lock; choose from $(names)" >&2; return 1; }
  wanted=$({ cat "$folder/pyproject.toml" "$folder/uv.lock" pyproject.toml scripts/environments.sh && echo "$PWD"; } | sha256sum)
  if [ "$(cat "$place/.made" 2>/dev/null)" = "$wanted" ] && "$place/bin/python" -c '' 2>/dev/null; then
    echo "environments: $1: nothing to do"
    return
  fi
  python=$(find_python)
  rm -f "$place/.made"
  if ! env -u VIRTUAL_ENV -u UV_PYTHON UV_PROJECT_ENVIRONMENT="$place" \
    scripts/uv.sh sync --quiet --frozen --project "$folder" --python "$python"; then
    echo "environments: $1 could not be made (see above)" >&2
    return 1
  fi
  if ! env -u PYTHONDONTWRITEBYTECODE "$place/bin/python" -W ignore -c "import ${IMPORTS[$1]:-sys}"; then
    echo "environments: the packages of $1 are installed but do not load (see above)" >&2
    return 1
  fi
  echo "$wanted" >"$place/.made"
  echo "environments: $1: made in $((SECONDS - start)) s, $(du -sm "$place" | cut -f1) MB, $("$place/bin/python" -V)"
}

names() {
  local lock
  for lock in tests/environments/*/uv.lock; do basename "$(dirname "$lock")"; done | paste -sd ' '
}

[ "$#" -gt 0 ] || set -- "${TESTED[@]}"
for name in "$@"; do make_environment "$name"; done
