"""Run a pipeline step by step, each step in a process of its own, for schedulers that start and repeat the steps themselves.

`prepare` converts the data, fixes configuration and plan, and writes them with the compiled graph to `steps/prepared.json` below
the root. `step` runs one node of it. `collect` writes what `pipeline.local.run` writes at its end. All three use its functions.
Different steps may run at the same time; no other run may use the root meanwhile, and no step may run twice at once.
"""

import fcntl
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from data.plain_paths import PlainName
from fairgate.errors import InputError
from fairgate.run_folder import ARTIFACTS, METADATA, STEPS
from pipeline import config as configuration
from pipeline import faults, local, prepared
from pipeline.compiled import CompiledGraph, TurnMetadata
from pipeline.config import RunConfig
from pipeline.graph import create_pipeline, rows_read
from pipeline.prepared import PreparedRun
from pipeline.progress import StepLog


def prepare(config: RunConfig, root: Path, beam_args: tuple[str, ...], steps: StepLog) -> tuple[str, ...]:
    """Prepare the data and write the plan of a run; return its nodes, each after those that it needs.

    A run that was prepared before, and not collected, is given up: what it has finished stays in the cache.

    Args:
        config: the configuration of the run.
        root: folder of the run; created if missing.
        beam_args: Beam options of every step.
        steps: receives the progress.

    Raises:
        InputError: as `pipeline.local.run`.
    """
    with local.held(root) as named:
        plan = local.prepare(config, named, beam_args, steps)
        name, graph = uuid.uuid4().hex, create_pipeline(plan)
        compiled = CompiledGraph.from_pipeline(graph, name)
        known = plan.config.model_dump(mode="json")
        rows = rows_read(graph, plan.counted)
        prepared.write(PreparedRun(name, str(named.path), prepared.source(), known, rows, compiled.to_json()), named.path)
        return compiled.nodes


def step(root: Path, node: str, steps: StepLog) -> bool:
    """Run one node of the prepared run, unless it has finished in this run already; return whether it ran or came from the cache.

    Args:
        root: folder of the run.
        node: id of the node.
        steps: receives the progress.

    Raises:
        InputError: as `prepared.read`; a node that this one needs has not finished, or the same node is running; or as
            `pipeline.local.run`.
    """
    with local.held(root, is_shared=True) as named:
        run = prepared.read(named.real, node)
        graph = CompiledGraph.from_json(run.graph)
        with _running(named, node):
            metadata = _metadata(named, graph)
            with metadata as connected:
                finished = graph.finished(connected.store)
                if node in finished:
                    return False
                _require_finished(root, node, [needed for needed in graph.upstream(node) if needed not in finished])
                graph.remove_unfinished(node, connected.store, named.path / ARTIFACTS)
            steps.expect(run.rows, graph.nodes[: graph.nodes.index(node)])
            with local.followed(steps):
                steps.begin(node)
                graph.launch(node, metadata)
                steps.end(node)
        return True


def collect(root: Path) -> local.RunResult:
    """Write the report of the prepared run, unless it has one; return what it has for results.

    Raises:
        InputError: as `prepared.read`; a node has not finished; or as `pipeline.local.run`.
    """
    with local.held(root) as named:
        run = prepared.read(named.real)
        graph = CompiledGraph.from_json(run.graph)
        with _metadata(named, graph) as connected:
            finished = graph.finished(connected.store)
        _require_finished(root, "", [node for node in graph.nodes if node not in finished])
        return local.collect(configuration.restored(run.config), named, run.name)


def _require_finished(root: Path, node: str, missing: list[str]) -> None:
    if missing:
        wanted = f"{node} needs" if node else "the report needs"
        first = f"`fairgate step {root} {missing[0]}`"
        raise InputError(f"{root}: {wanted} {', '.join(missing)}, not finished in the prepared run; type {first} first.")


@contextmanager
def _running(named: PlainName, node: str) -> Iterator[None]:
    with (named.path / STEPS / f"{node}.lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise InputError(f"{named.real}: another process is running {node}; wait until it ends.") from None
        yield


def _metadata(named: PlainName, graph: CompiledGraph) -> TurnMetadata:
    turns = named.path / STEPS / "metadata.lock"
    with turns.open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        faults.check_metadata(named.path / METADATA)
    return TurnMetadata(graph.connection, turns)
