#!/usr/bin/env bash
# Starts Apache Airflow on 127.0.0.1, with its LocalExecutor on SQLite and a home of its own: API server, scheduler, DAG processor.
# In: tests/environments/airflow/uv.lock, whose environment is made on first use in .tools/environments/airflow (200 MB); dags/ in the home, with the DAG of the digits where there is none yet.
# Out: pages at http://127.0.0.1:PORT, airflow.db and logs in the home. Runs until it is interrupted, and then ends all three.
# With --only-environment it makes the environment, and starts nothing. Needs 1 GiB. Example: AIRFLOW_FOLDER=/data/airflow AIRFLOW_PORT=8181 scripts/airflow.sh
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source scripts/machine.sh

folder=$(realpath -m "${AIRFLOW_FOLDER:-runs/airflow}")
port=${AIRFLOW_PORT:-8080}
programs=$PWD/.tools/environments/airflow/bin

# find_python: the first of the Pythons that the lock allows that runs.
find_python() {
  local version candidate
  for version in 3.13 3.12 3.11; do
    while IFS= read -r candidate; do
      case $(describe_python "$candidate") in "$version "*) echo "$candidate"; return ;; esac
    done < <(python_candidates "$version" | awk '!seen[$0]++')
  done
  echo "airflow: none of Python 3.13, 3.12, 3.11 was found; install one (pyenv install 3.12), or: scripts/uv.sh python install 3.12" >&2
  return 1
}

if [ ! -x "$programs/airflow" ]; then
  env -u VIRTUAL_ENV -u UV_PYTHON UV_PROJECT_ENVIRONMENT="${programs%/bin}" \
    scripts/uv.sh sync --frozen --project tests/environments/airflow --python "$(find_python)"
fi
if [ "${1:-}" = --only-environment ]; then exit; fi
mkdir -p "$folder/dags"
if ! compgen -G "$folder/dags/*.py" >/dev/null; then
  .venv/bin/fairgate airflow dag digits --root "$PWD/runs/digits" --output "$folder/dags/fairgate_digits.py"
fi

export PATH=$programs:$PATH # Airflow starts `airflow` by that name
export AIRFLOW_HOME=$folder
export AIRFLOW__CORE__EXECUTOR=LocalExecutor
export AIRFLOW__CORE__PARALLELISM=${AIRFLOW__CORE__PARALLELISM:-2}
export AIRFLOW__CORE__LOAD_EXAMPLES=False
export AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION=False
export AIRFLOW__CORE__EXECUTION_API_SERVER_URL=http://127.0.0.1:$port/execution/ # else tasks ask port 8080
export AIRFLOW__API__HOST=127.0.0.1
export AIRFLOW__API__PORT=$port
export AIRFLOW__API__WORKERS=1
export AIRFLOW__DAG_PROCESSOR__REFRESH_INTERVAL=${AIRFLOW__DAG_PROCESSOR__REFRESH_INTERVAL:-30}
unset PYTHONPATH VIRTUAL_ENV

airflow db migrate >"$folder/migrate.log" 2>&1 || { tail -n 5 "$folder/migrate.log" >&2; exit 1; }

started=()
stop() {
  trap - EXIT INT TERM
  kill "${started[@]}" 2>/dev/null || true
  wait || true
}
trap stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
for part in api-server scheduler dag-processor; do
  airflow "$part" >"$folder/$part.log" 2>&1 &
  started+=($!)
done
echo "airflow: http://127.0.0.1:$port, logs in $folder; the password of admin is in simple_auth_manager_passwords.json.generated there"
wait -n || true
echo "airflow: one of its processes has ended; see $folder/*.log" >&2
exit 1
