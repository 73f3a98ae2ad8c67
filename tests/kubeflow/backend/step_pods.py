"""Finds and kills the pod of a step, with the credentials of a kubeconfig."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

from tests.kubeflow.backend.backend_api import BackendError, NoAnswerError

RUN_LABEL = "pipeline/runid"  # which Kubeflow Pipelines puts on every pod of a run
NODE = "workflows.argoproj.io/node-name"  # "fairgate-digits-x7k2p.root.TrainerCandidate.executor"
MAIN = "main"  # the container of a step beside Argo's own
SECONDS = 60  # for an answer of Kubernetes


class StepPods:
    """The pods of one namespace. Each method raises BackendError where Kubernetes refuses or does not answer."""

    def __init__(self, kubeconfig: Path, namespace: str) -> None:
        """Read the kubeconfig; nothing is asked yet."""
        from kubernetes import client, config

        try:
            self._core = client.CoreV1Api(config.new_client_from_config(str(kubeconfig)))
        except (config.ConfigException, yaml.YAMLError, TypeError, AttributeError, UnicodeDecodeError) as error:
            raise BackendError(f"This is no kubeconfig: {error}") from None
        self._namespace = namespace

    def check(self) -> None:
        """Raise BackendError if pods cannot be listed."""
        self._listed("")

    def at_work(self, run_id: str, step: str) -> str:
        """Return the name of the pod in which a step of a run is working; "" while there is none."""
        return working_pod([pod.to_dict() for pod in self._listed(run_id)], step)

    def left(self, run_id: str) -> int:
        """Return how many pods of a run are still running."""
        return sum(pod.status.phase == "Running" for pod in self._listed(run_id))

    def kill(self, pod: str) -> None:
        """Delete a pod at once, as a node that dies would."""
        with explained(self._namespace):
            self._core.delete_namespaced_pod(pod, self._namespace, grace_period_seconds=0, _request_timeout=SECONDS)

    def _listed(self, run_id: str) -> list[Any]:
        selector = {"label_selector": f"{RUN_LABEL}={run_id}"} if run_id else {"limit": 1}
        with explained(self._namespace):
            return list(self._core.list_namespaced_pod(self._namespace, _request_timeout=SECONDS, **selector).items)


@contextmanager
def explained(namespace: str) -> Iterator[None]:
    """Raise what Kubernetes' client raises as BackendError."""
    from kubernetes.client import ApiException
    from urllib3.exceptions import HTTPError

    try:
        yield
    except ApiException as error:
        raise BackendError(
            f"Kubernetes answered {error.status} {error.reason} for the pods of namespace {namespace!r}."
        ) from None
    except HTTPError as error:
        raise NoAnswerError(f"Kubernetes does not answer: {error}") from None


def working_pod(pods: Iterable[Mapping[str, Any]], step: str) -> str:
    """Return the name of the pod whose main container runs the step; not that of its driver. "" if there is none."""
    for pod in pods:
        node = (pod["metadata"].get("annotations") or {}).get(NODE, "")
        states = {one["name"]: one["state"] for one in pod["status"].get("container_statuses") or ()}
        if f".{step}." in node and (states.get(MAIN) or {}).get("running"):
            return str(pod["metadata"]["name"])
    return ""
