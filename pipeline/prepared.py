"""The run that `fairgate prepare` has prepared below a root, for the processes that run its steps. Imports nothing heavy."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from data.plain_paths import kept_name
from fairgate.errors import InputError, UnknownNameError
from fairgate.files import joint_digest, replace_text
from fairgate.run_folder import PREPARED, STEPS
from pipeline import provenance


@dataclass(frozen=True)
class PreparedRun:
    """What `prepare` hands to the steps; prepared.json.

    Attributes:
        name: names the run in ML Metadata.
        root: the root's plain name, which the graph's paths begin with.
        source: digest of fairgate's source, which the cache keys in the graph rest on.
        config: the configuration with everything resolved that needed the data, as JSON values, without alerts.
        engine: the `EngineChoice` of the run, as JSON values.
        rows: node -> examples that it reads; 0 where that is not known.
        graph: the compiled graph, as JSON values.
    """

    name: str
    root: str
    source: str
    config: Any
    engine: Any
    rows: dict[str, int]
    graph: Any


def write(run: PreparedRun, root: Path) -> None:
    """Write a prepared run in the place of the one before it."""
    (root / STEPS).mkdir(exist_ok=True)
    replace_text(root / STEPS / PREPARED, json.dumps(asdict(run), indent=1))


def read(root: Path, node: str | None = None) -> PreparedRun:
    """Return the prepared run of a root.

    Args:
        root: the root's folder.
        node: id of a node that it must have.

    Raises:
        InputError: none is prepared, the file is damaged, the root was moved, or fairgate's source has changed since.
        UnknownNameError: the run has no such node.
    """
    again = f"type `fairgate prepare TASK --root {root}` first, with the options of the run"
    try:
        run = PreparedRun(**json.loads((root / STEPS / PREPARED).read_text(encoding="utf-8")))
    except FileNotFoundError:
        raise InputError(f"{root}: no run is prepared here; {again}.") from None
    except (ValueError, TypeError) as error:
        raise InputError(f"{root / STEPS / PREPARED}: damaged ({error}); {again}.") from None
    if run.root != str(kept_name(root.resolve()).path):
        raise InputError(f"{root}: the run was prepared as {run.root}; use that name, or {again}.")
    if run.source != source():
        raise InputError(f"{root}: fairgate's source has changed since the run was prepared; {again}.")
    if node is not None and node not in run.rows:
        raise UnknownNameError("step", node, run.rows)
    return run


def source() -> str:
    """Return the digest of fairgate's source files."""
    return joint_digest(provenance.source_digests())
