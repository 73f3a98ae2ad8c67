"""Finds and kills the pod of a step, with the credentials of a kubeconfig."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

RUN_LABEL = "pipeline/runid"  # which Kubeflow Pipelines puts on every pod of a run
NODE = "workflows.argoproj.io/node-name"  # "fairgate-digits-x7k2p.root.TrainerCandidate.executor"
MAIN = "main"  # the container of a step beside Argo's own


class StepPods:
    """The pods of one namespace."""

    def __init__(self, kubeconfig: Path, namespace: str) -> None:
        """Read the kubeconfig; nothing is asked yet."""
        from kubernetes import client, config

        self._core = client.CoreV1Api(config.new_client_from_config(str(kubeconfig)))
        self._namespace = namespace

    def at_work(self, run_id: str, step: str) -> str:
        """Return the name of the pod in which a step of a run is working; "" while there is none."""
        listed = self._core.list_namespaced_pod(self._namespace, label_selector=f"{RUN_LABEL}={run_id}")
        return working_pod([pod.to_dict() for pod in listed.items], step)

    def left(self, run_id: str) -> int:
        """Return how many pods of a run are still running."""
        listed = self._core.list_namespaced_pod(self._namespace, label_selector=f"{RUN_LABEL}={run_id}")
        return sum(pod.status.phase == "Running" for pod in listed.items)

    def kill(self, pod: str) -> None:
        """Delete a pod at once, as a node that dies would."""
        self._core.delete_namespaced_pod(pod, self._namespace, grace_period_seconds=0)


def working_pod(pods: Iterable[Mapping[str, Any]], step: str) -> str:
    """Return the name of the pod whose main container runs the step; not that of its driver. "" if there is none."""
    for pod in pods:
        node = (pod["metadata"].get("annotations") or {}).get(NODE, "")
        states = {one["name"]: one["state"] for one in pod["status"].get("container_statuses") or ()}
        if f".{step}." in node and (states.get(MAIN) or {}).get("running"):
            return str(pod["metadata"]["name"])
    return ""
