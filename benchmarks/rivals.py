"""Ask three other tools about the situations that they can express, and write their answers to `benchmarks/rivals.json`.

In: the situations of `tests/situations` with two classes, equal weights and nothing but a table (no check, no edited
measurement, no policy that is itself the situation). Out: situation -> tool -> answer, with a digest of the table, so that a
situation that did not change is not asked again; docs/situations.md shows them.

The tools have an environment of their own, `tests/environments/rivals`; what is configured stands in its `answer.py`.

Run: python benchmarks/rivals.py (makes the environment on first use; about half an hour on one core)
"""

import json
import os
import subprocess
import sys
import tempfile
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


def comparable(situation: Situation) -> bool:
    """Return whether the situation is a table of two classes that other tools can read."""
    weighted = any(stratum.weight != 1 for stratum in corpus.strata(situation))
    return (
        len(situation.classes) == 2
        and "candidate" in situation.scores
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


def digest(table: dict[str, Any], at: float) -> str:
    """Return what identifies a table, its threshold and the code that asks."""
    parts = [repr(at).encode(), (ENVIRONMENT / "answer.py").read_bytes(), (ENVIRONMENT / "uv.lock").read_bytes()]
    return sha256(b"".join([*parts, *(np.ascontiguousarray(table[name]).tobytes() for name in sorted(table))])).hexdigest()[:16]


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
        folder = Path(written)
        entries: list[dict[str, Any]] = []
        for situation in chosen():
            table, at = arrays(corpus.predictions(situation)), threshold(situation)
            known = digest(table, at)
            if old.get(situation.name, {}).get("digest") == known:
                results[situation.name] = old[situation.name]
                continue
            results[situation.name] = {"digest": known}
            file = f"{len(entries)}.npz"
            np.savez(folder / file, **table)
            features = [name.removeprefix("group ") for name in table if name.startswith("group ")]
            entries.append({"name": situation.name, "file": file, "features": features, "threshold": at})
        (folder / "tables.json").write_text(json.dumps(entries))
        with ask(folder) as process:
            assert process.stdout is not None  # noqa: S101  # a pipe was asked for
            for number, line in enumerate(process.stdout, 1):
                answer = json.loads(line)
                results[answer["name"]]["answers"] = answer["answers"]
                print(f"{number}/{len(entries)} {answer['name']}: {answer['answers']}", flush=True)
                finished = {name: result for name, result in results.items() if "answers" in result}
                RESULTS.write_text(json.dumps(finished, indent=1) + "\n")
    RESULTS.write_text(json.dumps({name: result for name, result in results.items() if "answers" in result}, indent=1) + "\n")
    return process.returncode


if __name__ == "__main__":
    sys.exit(main())
