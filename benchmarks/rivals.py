"""Ask three other tools about the situations that they can express, and write their answers to `benchmarks/rivals.json`.

In: the situations of `tests/situations` with two classes, equal weights and nothing but a table (no check, no edited
measurement, no policy that is itself the situation). Out: situation -> tool -> answer, with a digest of the table, so that a
situation that did not change is not asked again; docs/situations.md shows them.

The tools have an environment of their own, `tests/environments/rivals`; what is configured stands in its `answer.py`. After a
change of that file delete the answers that it concerns.

Run: python benchmarks/rivals.py (makes the environment on first use; half an hour on an idle core, more on a busy one)
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np

PROJECT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(PROJECT))  # started as a script, like the other benchmarks

from tests.situations import corpus  # noqa: E402  # needs the line above
from tests.situations.corpus import Situation  # noqa: E402
from tests.situations.recipes import Predictions  # noqa: E402

ENVIRONMENT = PROJECT / "tests" / "environments" / "rivals"
RESULTS = PROJECT / "benchmarks" / "rivals.json"
FAMILIES = ("degenerate", "harm", "sound", "tainted")
DEFAULT_THRESHOLD = 0.5
NO_GROUP = "none"
TOOLS = ("bdp-model-gate", "bdp-model-gate, accuracy", "vfairness, gate", "vfairness, intervals", "fairpipe")


def comparable(situation: Situation) -> bool:
    """Return whether the situation is a table of two classes that other tools can read."""
    weighted = any(stratum.weight != 1 for stratum in corpus.strata(situation))
    return (
        len(situation.classes) == 2
        and "candidate" in situation.scores
        and "error" not in situation.outcomes
        and not (situation.checks or situation.edits or situation.facts or weighted)
    )


def chosen() -> list[Situation]:
    """Return the situations that are asked about."""
    return [
        each for family, of_family in corpus.families().items() if family in FAMILIES for each in of_family if comparable(each)
    ]


def threshold(situation: Situation) -> float:
    """Return the first threshold that the situation's policy names."""
    named = [at for rule in corpus.policy_of(situation).rules for at in rule.thresholds]
    return named[0] if named else DEFAULT_THRESHOLD


def arrays(table: Predictions) -> dict[str, Any]:
    """Return a table as arrays; the groups of an example that has several are joined."""
    columns = {f"group {name}": np.array([" + ".join(groups) or NO_GROUP for groups in of]) for name, of in table.slices.items()}
    return {"labels": table.labels, **table.scores, **columns}


def _rounded(values: Any) -> Any:
    """Return numbers to six decimals: the last bits of a score depend on the version of numpy."""
    array = np.ascontiguousarray(values)
    return np.round(array, 6) + 0.0 if array.dtype.kind == "f" else array


def digest(table: dict[str, Any], at: float) -> str:
    """Return what identifies a table, its threshold and the versions of the tools."""
    parts = [repr(at).encode(), (ENVIRONMENT / "uv.lock").read_bytes()]
    return sha256(b"".join([*parts, *(_rounded(table[name]).tobytes() for name in sorted(table))])).hexdigest()[:16]


def ask(folder: Path) -> "subprocess.Popen[str]":
    """Start the tools on the tables of a folder, in their environment."""
    command = [
        "scripts/uv.sh",
        "run",
        "--project",
        str(ENVIRONMENT),
        "--frozen",
        "python",
        str(ENVIRONMENT / "answer.py"),
        str(folder),
    ]
    environment = {name: value for name, value in os.environ.items() if name not in ("VIRTUAL_ENV", "PYTHONPATH")}
    return subprocess.Popen(command, cwd=PROJECT, env=environment, stdout=subprocess.PIPE, text=True)  # noqa: S603


def main() -> int:
    """Ask about every situation that is new or changed."""
    old = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    results: dict[str, dict[str, Any]] = {}
    with tempfile.TemporaryDirectory() as written:
        entries = _written(Path(written), old, results)
        with ask(Path(written)) as process:
            assert process.stdout is not None  # noqa: S101  # a pipe was asked for
            for number, line in enumerate(process.stdout, 1):
                answer = json.loads(line)
                results[answer["name"]]["answers"].update(answer["answers"])
                print(f"{number}/{len(entries)} {answer['name']}: {answer['answers']}", flush=True)
                _save(results)
    _save(results)
    return process.returncode


def _written(folder: Path, old: Mapping[str, Any], results: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    """Write the tables that are to be asked about, and return what `tables.json` says of them; known answers go to `results`."""
    entries: list[dict[str, Any]] = []
    for situation in chosen():
        table, at = arrays(corpus.predictions(situation)), threshold(situation)
        known, before = digest(table, at), old.get(situation.name, {})
        answers = dict(before["answers"]) if before.get("digest") == known else {}
        results[situation.name] = {"digest": known, "answers": answers}
        missing = [tool for tool in TOOLS if tool not in answers]
        if missing:
            file, features = f"{len(entries)}.npz", [name.removeprefix("group ") for name in table if name.startswith("group ")]
            np.savez(folder / file, **table)
            entries.append({"name": situation.name, "file": file, "features": features, "threshold": at, "tools": missing})
    (folder / "tables.json").write_text(json.dumps(entries))
    return entries


def _save(results: Mapping[str, Mapping[str, Any]]) -> None:
    """Write the situations that every tool has answered."""
    finished = {name: result for name, result in results.items() if result["answers"].keys() >= set(TOOLS)}
    RESULTS.write_text(json.dumps(finished, indent=1) + "\n")


if __name__ == "__main__":
    sys.exit(main())
