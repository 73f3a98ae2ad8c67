#!/usr/bin/env bash
# Starts Apache Airflow on 127.0.0.1, with its LocalExecutor on SQLite and a home of its own: API server, scheduler, DAG processor.
# In: the environment airflow, which is made on first use (200 MB); dags/ in the home, with the DAG of the digits where there is none yet.
# Out: pages at http://127.0.0.1:PORT, airflow.db and logs in the home. Runs until it is interrupted, and then ends all three.
# Needs 1 GiB. Example: AIRFLOW_FOLDER=/data/airflow AIRFLOW_PORT=8181 scripts/airflow.sh
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

folder=$(realpath -m "${AIRFLOW_FOLDER:-runs/airflow}")
port=${AIRFLOW_PORT:-8080}
programs=$PWD/.tools/environments/airflow/bin

scripts/environments.sh airflow
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
# start PART [OPTION]: a process of Airflow with a log of its own.
start() {
  airflow "$@" >"$folder/$1.log" 2>&1 &
  started+=($!)
}
start api-server
# A task that starts before it answers fails.
until (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do
  kill -0 "${started[0]}" 2>/dev/null || { tail -n 5 "$folder/api-server.log" >&2; exit 1; }
  sleep 1
done
start scheduler --skip-serve-logs # its server of logs would listen on every address
start dag-processor
echo "airflow: http://127.0.0.1:$port, logs in $folder; the password of admin is in simple_auth_manager_passwords.json.generated there"
wait -n || true
echo "airflow: one of its processes has ended; see $folder/*.log" >&2
exit 1
