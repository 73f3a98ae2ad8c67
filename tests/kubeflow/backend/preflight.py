"""Asks everything that the acceptance will need, before an hour of runs: address, store, volume, Kubernetes, local runs."""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from tests.kubeflow.backend.artifact_store import ArtifactStore
from tests.kubeflow.backend.backend_api import BackendApi, BackendError
from tests.kubeflow.backend.backend_settings import ENDPOINT, PREFIX, BackendSettings
from tests.kubeflow.backend.step_pods import StepPods

NEEDED_FILES = ("latest/verdict.json", "latest/metrics.parquet")  # of a finished local run


def problems(settings: BackendSettings, api: BackendApi, tasks: Mapping[str, Sequence[str]]) -> list[str]:
    """Return a sentence, with the variable to set, for each thing that does not answer as it must.

    Args:
        settings: where the backend is.
        api: its API.
        tasks: the options of `fairgate run` for each task.
    """
    store = ArtifactStore(settings.store, settings.root, "")
    found = [
        *_asked(api.check, f"{ENDPOINT}={settings.endpoint}"),
        *_asked(store.check, f"{PREFIX}STORE={settings.store}, with the keys in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"),
    ]
    if not os.access(settings.share, os.W_OK | os.X_OK):
        found.append(f"{PREFIX}SHARE={settings.share}: this user cannot write there.")
    if settings.kubeconfig:
        kubeconfig = settings.kubeconfig
        found += _asked(
            lambda: StepPods(kubeconfig, settings.pods).check(),
            f"{PREFIX}KUBECONFIG={kubeconfig}, with {PREFIX}POD_NAMESPACE={settings.pods}",
        )
    if settings.local:
        found += _unfinished(settings.local, tasks)
    return found


def _asked(ask: Callable[[], None], variable: str) -> list[str]:
    try:
        ask()
    except BackendError as error:
        return [f"{variable}: {error}"]
    return []


def _unfinished(local: Path, tasks: Mapping[str, Sequence[str]]) -> Iterator[str]:
    for task, options in tasks.items():
        root = local / task
        missing = [name for name in NEEDED_FILES if not (root / name).is_file()]
        examples = len(list(root.glob("examples/*")))
        if missing or examples != 1:
            yield (
                f"{PREFIX}LOCAL={local}: {root} is no root of one finished run: {examples} folders in examples/"
                f"{', no ' + ' and no '.join(missing) if missing else ''}. "
                f"Make it with `{' '.join(['fairgate run', task, *options])} --root {root}`."
            )
