#!/usr/bin/env bash
# The digits on a Flink cluster of this machine, compared with a run in memory; for continuous integration. Needs Java 17 and Maven.
# FAIRGATE_ENGINES=0 leaves it out. `make engines` does this, Spark, and the faults.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

if [ "${FAIRGATE_ENGINES:-1}" = 0 ]; then
  echo "engines: left out, because FAIRGATE_ENGINES=0"
  exit 0
fi
exec .venv/bin/python -m pytest -m engines tests/engines/test_clusters.py -k flink
