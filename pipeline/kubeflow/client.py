"""Start and schedule runs on a cluster, through the client of Kubeflow Pipelines.

In: a compiled specification and values of its parameters. Out: ids from the cluster; `Schedule`s. kfp is imported when a
cluster is called. The token, if one is needed, is read from the environment (TOKEN) and never shown.
"""

import io
import json
import os
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from components.steps.gate_settings import COMPILE_WAIVERS
from fairgate.errors import InputError, os_reason
from fairgate.gate.policy import Policy
from pipeline.kubeflow import cluster_rules

TOKEN = "FAIRGATE_KUBEFLOW_TOKEN"  # noqa: S105  # a name, no token
HOST = "KF_PIPELINES_ENDPOINT"  # the environment variable that holds the address
REACH = "`kubectl port-forward -n kubeflow svc/ml-pipeline 8888` makes a cluster's answer there."
PAGE = 100  # schedules per answer
POLICY = "policy"  # checked before it is sent: the cluster would notice an error only after the training


@dataclass(frozen=True)
class Cluster:
    """The address of Kubeflow Pipelines.

    Attributes:
        host: the address, as in "http://localhost:8080".
        namespace: the user's namespace on clusters with several users; "" otherwise.
    """

    host: str
    namespace: str = ""


@dataclass(frozen=True)
class Order:
    """A pipeline to run on a cluster, with its parameters.

    Attributes:
        package: the compiled specification.
        name: name of the run or the schedule.
        experiment: the experiment that lists it; created if missing.
        parameters: values of the pipeline's parameters.
    """

    package: Path
    name: str
    experiment: str
    parameters: Mapping[str, str]


@dataclass(frozen=True)
class Schedule:
    """A recurring run.

    Attributes:
        schedule_id: the id to pause, resume or delete it.
        name: the name that the user gave.
        cron: six fields, the seconds first, in the cluster's time zone; "" if the schedule is not a cron schedule.
        enabled: False while the schedule is paused.
    """

    schedule_id: str
    name: str
    cron: str
    enabled: bool


def order(package: Path, name: str, experiment: str, parameters: Mapping[str, str]) -> Order:
    """Check the parameters against the specification and return an Order; name and experiment default to the pipeline's name.

    Raises:
        InputError: a missing or invalid specification, an unknown or missing parameter, an invalid policy, a name that the
            cluster would refuse.
    """
    try:
        spec = next(yaml.safe_load_all(package.read_text(encoding="utf-8")))
        pipeline_name = str(spec["pipelineInfo"]["name"])
        known = spec["root"].get("inputDefinitions", {}).get("parameters", {})
    except OSError as error:
        raise InputError(f"{package} cannot be read ({os_reason(error)}); write it with `fairgate kubeflow compile`.") from None
    except (yaml.YAMLError, UnicodeDecodeError, StopIteration, KeyError, TypeError, AttributeError):
        raise InputError(f"{package} is no pipeline specification; write it with `fairgate kubeflow compile`.") from None
    _check(parameters, known, package)
    _check_waivers(parameters, spec, package)
    wanted = Order(package, name or pipeline_name, experiment or pipeline_name, parameters)
    _refuse(cluster_rules.run_problems(wanted.name, wanted.experiment))
    return wanted


def _refuse(problems: Sequence[str]) -> None:
    if problems:
        raise InputError("\n".join(problems))


def _check(parameters: Mapping[str, str], known: Mapping[str, Any], package: Path) -> None:
    for name in parameters:
        if name not in known:
            raise InputError(f"{package} has no parameter {name!r}; it has {', '.join(sorted(known)) or 'none'}.")
    for name in sorted(known):
        if name not in parameters and "defaultValue" not in known[name]:
            raise InputError(f"{package} needs a value for {name!r}: add --parameter {name}=VALUE.")
    if POLICY in parameters:
        try:
            Policy.parse(parameters[POLICY], f"--parameter {POLICY}")
        except InputError as error:
            raise InputError(f"{error} Give a policy as JSON or YAML, or @FILE.") from None


def _check_waivers(parameters: Mapping[str, str], spec: Mapping[str, Any], package: Path) -> None:
    """Refuse a policy with waivers for a gate whose answers the cluster caches: it would not see that a waiver has expired."""
    waivers = Policy.parse(parameters[POLICY], POLICY).waivers if POLICY in parameters else ()
    gate = spec["root"].get("dag", {}).get("tasks", {}).get("FairnessGate", {})
    if waivers and gate.get("cachingOptions", {}).get("enableCache", True):
        raise InputError(f"--parameter {POLICY} has a waiver ({waivers[0]}), but {package} has none. {COMPILE_WAIVERS}")


def submit(cluster: Cluster, wanted: Order) -> str:
    """Start a run and return its id.

    Raises:
        InputError: the cluster does not answer, or refuses.
    """
    with _connected(cluster) as client:
        experiment = client.create_experiment(wanted.experiment, namespace=cluster.namespace or None)
        run = client.run_pipeline(experiment.experiment_id, wanted.name, str(wanted.package), dict(wanted.parameters))
        return str(run.run_id)


def schedule(cluster: Cluster, wanted: Order, cron: str) -> Schedule:
    """Create a recurring run: never two at a time, and of missed runs only the last one is made up for.

    Args:
        cluster: the cluster to call.
        wanted: the pipeline to run; no other schedule of the experiment may have its name.
        cron: six fields, in the cluster's time zone.

    Raises:
        InputError: the cluster does not answer or refuses, or a schedule of that name exists, or none can have it.
    """
    _refuse(cluster_rules.schedule_problems(wanted.name))
    with _connected(cluster) as client:
        experiment = client.create_experiment(wanted.experiment, namespace=cluster.namespace or None)
        for found in _pages(client, experiment_id=experiment.experiment_id):
            if found.name == wanted.name:
                remedy = "Delete it, or give this one another --name."
                raise InputError(f"A schedule {found.name!r} ({found.cron}) already exists: {found.schedule_id}. {remedy}")
        made = client.create_recurring_run(
            experiment_id=experiment.experiment_id,
            job_name=wanted.name,
            cron_expression=cron,
            max_concurrency="1",  # int64 is text in JSON
            no_catchup=True,
            params=dict(wanted.parameters),
            pipeline_package_path=str(wanted.package),
        )
        return Schedule(str(made.recurring_run_id), wanted.name, cron, enabled=True)


def schedules(cluster: Cluster) -> list[Schedule]:
    """Return all schedules. Raises InputError if the cluster does not answer or refuses."""
    with _connected(cluster) as client:
        return list(_pages(client, namespace=cluster.namespace or None))


def pause(cluster: Cluster, schedule_id: str) -> None:
    """Start no more runs; one in progress goes on. Raises InputError as `schedules`."""
    with _connected(cluster) as client:
        client.disable_recurring_run(schedule_id)


def resume(cluster: Cluster, schedule_id: str) -> None:
    """Start runs again; at most one missed run is made up for. Raises InputError as `schedules`."""
    with _connected(cluster) as client:
        client.enable_recurring_run(schedule_id)


def delete(cluster: Cluster, schedule_id: str) -> None:
    """Delete the schedule. The cluster stops its run in progress; all its runs stay listed. Raises InputError as `schedules`."""
    with _connected(cluster) as client:
        client.delete_recurring_run(schedule_id)


def _pages(client: Any, **where: str | None) -> Iterator[Schedule]:
    token = ""
    while True:
        page = client.list_recurring_runs(page_token=token, page_size=PAGE, **where)
        for found in page.recurring_runs or ():
            cron = found.trigger.cron_schedule.cron if found.trigger and found.trigger.cron_schedule else ""
            yield Schedule(found.recurring_run_id, found.display_name, cron, found.status == "ENABLED")
        token = page.next_page_token or ""
        if not token:
            return


@contextmanager
def _connected(cluster: Cluster) -> Iterator[Any]:
    """Yield a silent kfp client and turn its errors into InputError."""
    import kfp
    from kfp_server_api.exceptions import ApiException
    from urllib3.exceptions import HTTPError

    from data.stacks import kfp_health

    class Client(kfp.Client):
        def get_kfp_healthz(self, *_: Any) -> Any:
            """Ask once and fail at once; kfp would ask five times in 25 seconds and hide the reason."""
            return kfp_health(self._healthz_api)

    _refuse(cluster_rules.namespace_problems(cluster.namespace))
    with warnings.catch_warnings(), redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")  # that it needs Kubeflow Pipelines 2
        try:
            token = os.environ.get(TOKEN) or None
            yield Client(cluster.host, namespace=cluster.namespace or "kubeflow", existing_token=token)
        except ApiException as error:
            raise InputError(f"{cluster.host} answered {error.status} {error.reason}: {_words(error.body)}") from None
        except HTTPError as error:
            raise InputError(
                f"{cluster.host} does not answer ({type(error).__name__}). Is the address right (--host, or {HOST})? For "
                f"--host http://localhost:8888, {REACH}"
            ) from None


def _words(body: str | bytes | None) -> str:
    """Return the server's own message, without the client's wrapping."""
    text = body.decode("utf-8", "replace") if isinstance(body, bytes) else body or ""
    try:
        said = json.loads(text)
    except ValueError:
        return text[:500]
    return str(said.get("message") or said.get("error") or text)[:500] if isinstance(said, dict) else text[:500]
