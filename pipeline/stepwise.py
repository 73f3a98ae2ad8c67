"""Run a pipeline step by step, each step in a process of its own, for schedulers that start and repeat the steps themselves.

`prepare` converts the data, fixes configuration and plan, and writes them with the compiled graph to `steps/prepared.json` below
the root. `step` runs one node of it. `collect` writes what `pipeline.local.run` writes at its end. All three use its functions.
Different steps may run at the same time; no other run may use the root meanwhile, and no step may run twice at once.
"""

import fcntl
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from data.plain_paths import PlainName
from fairgate.errors import InputError
from fairgate.run_folder import ARTIFACTS, LOGS, METADATA, STEPS
from pipeline import config as configuration
from pipeline import faults, local, prepared
from pipeline.compiled import CompiledGraph, TurnMetadata
from pipeline.config import RunConfig
from pipeline.engines.choice import EngineChoice
from pipeline.engines.engaged import engaged
from pipeline.graph import create_pipeline, rows_read
from pipeline.prepared import PreparedRun
from pipeline.progress import StepLog


def prepare(config: RunConfig, root: Path, choice: EngineChoice, steps: StepLog) -> tuple[str, ...]:
    """Prepare the data and write the plan of a run; return its nodes, each after those that it needs.

    A run that was prepared before, and not collected, is given up: what it has finished stays in the cache.

    Args:
        config: the configuration of the run.
        root: folder of the run; created if missing.
        choice: where the work inside the Beam steps is done, and that of the conversion.
        steps: receives the progress.

    Raises:
        InputError: as `pipeline.local.run`.
    """
    with local.held(root) as named:
        with engaged(choice, named.path / LOGS) as beam_args:
            plan = local.prepare(config, named, beam_args, steps, choice)
        name, graph = uuid.uuid4().hex, create_pipeline(plan)
        compiled = CompiledGraph.from_pipeline(graph, name)
        known = plan.config.model_dump(mode="json")
        rows = rows_read(graph, plan.rows)
        run = PreparedRun(name, str(named.path), prepared.source(), known, asdict(choice), rows, compiled.to_json())
        prepared.write(run, named.path)
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
            with _engine_of(run, graph, named, node) as beam_args, local.followed(steps):
                steps.begin(node)
                graph.launch(node, metadata, beam_args)
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
def _engine_of(run: PreparedRun, graph: CompiledGraph, named: PlainName, node: str) -> Iterator[tuple[str, ...]]:
    """Yield the Beam options of a node; one that is no Beam step needs no engine."""
    choice = EngineChoice(**{**run.engine, "beam_args": tuple(run.engine["beam_args"])})
    with engaged(choice if graph.uses_beam(node) else EngineChoice(), named.path / LOGS) as beam_args:
        yield beam_args


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
