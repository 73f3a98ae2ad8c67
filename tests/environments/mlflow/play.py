"""Play a registry of models on this machine: an MLflow server, a refused version, a blessed one.

Runs in the environment of this folder.

In: a folder, and a JSON file with columns of predictions. Out: a JSON file: version -> what its run holds, see `evaluate`.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

os.environ["MLFLOW_DISABLE_TELEMETRY"] = os.environ["DO_NOT_TRACK"] = "true"  # before MLflow is imported

import mlflow
import pandas as pd
from mlflow.tracking import MlflowClient

NAME = "toxicity"
POLICY = {
    "min_examples": 50,
    "rules": [
        {"id": "gap", "kind": "gap", "metric": "false_positive_rate", "thresholds": [0.5], "slices": ["group:*"], "limit": 1.25}
    ],
}


@contextmanager
def server(folder: Path) -> Iterator[str]:
    """Start a server with an SQLite database and a folder of artifacts; yield its address, and end it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    store = ["--backend-store-uri", f"sqlite:///{folder}/mlflow.db", "--artifacts-destination", str(folder / "artifacts")]
    command = [sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(port), "--workers", "1", *store]
    with (
        (folder / "server.log").open("wb") as log,
        subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True) as process,
    ):
        try:
            _wait(f"http://127.0.0.1:{port}/health", process, folder / "server.log")
            yield f"http://127.0.0.1:{port}"
        finally:
            os.killpg(process.pid, signal.SIGTERM)  # the server has workers


def _wait(address: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    for _ in range(1200):
        if process.poll() is not None:
            sys.exit(f"the server ended with {process.returncode}: {log.read_text()[-2000:]}")
        try:
            with urllib.request.urlopen(address) as answer:  # noqa: S310  # of this machine
                if answer.status == 200:
                    return
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.1)
    sys.exit(f"the server does not answer: {log.read_text()[-2000:]}")


def version(client: MlflowClient, registered: str) -> str:
    """Register one more version, of a run that logged a file in the place of a model."""
    with mlflow.start_run() as run:
        mlflow.log_text("a model", "model/model.txt")
    source = f"{run.info.artifact_uri}/model"
    return str(client.create_model_version(registered, source=source, run_id=run.info.run_id).version)


def evaluate(table: pd.DataFrame, score: str, number: str) -> dict[str, Any]:
    """Evaluate predictions in a run of their own; return what the run holds."""
    with mlflow.start_run() as run:
        config = {"slices": ["group"], "policy": POLICY, "registered_model": NAME, "version": number}
        result = mlflow.models.evaluate(
            data=table,
            targets="label",
            predictions=score,
            model_type="classifier",
            evaluators="fairgate",
            evaluator_config=config,
        )
    client = MlflowClient()
    logged = client.get_run(run.info.run_id).data
    files = sorted(item.path for item in client.list_artifacts(run.info.run_id, "fairgate"))
    verdict = json.loads(Path(client.download_artifacts(run.info.run_id, "fairgate/verdict.json")).read_text())
    return {
        "metrics": result.metrics,
        "logged": logged.metrics,
        "tags": {name: value for name, value in logged.tags.items() if name.startswith("fairgate")},
        "files": files,
        "outcome": verdict["outcome"],
        "alias": alias(client),
    }


def alias(client: MlflowClient) -> str | None:
    """Return the version that the alias names; None where there is none."""
    aliases: dict[str, str] = client.get_registered_model(NAME).aliases
    return aliases.get("champion")


def main(folder: Path, table: pd.DataFrame) -> dict[str, Any]:
    """Put a first version to use; then judge an unfair version and a fair one."""
    with server(folder) as address:
        mlflow.set_tracking_uri(address)
        client = MlflowClient()
        client.create_registered_model(NAME)
        client.set_registered_model_alias(NAME, "champion", version(client, NAME))
        return {score: evaluate(table, score, version(client, NAME)) for score in ("unfair", "fair")}


if __name__ == "__main__":
    answer = json.dumps(main(Path(sys.argv[1]), pd.read_json(sys.argv[2])))
    Path(sys.argv[3]).write_text(answer)  # MLflow writes to standard output
