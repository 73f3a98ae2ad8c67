import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks import rivals
from tests.situations import corpus, document

BY_NAME = {situation.name: situation for situation in corpus.situations()}
MEASURED: dict[str, dict[str, Any]] = json.loads(rivals.RESULTS.read_text())


@pytest.mark.parametrize("name", ["constant-high", "first-run", "three-hundred-a-hundred-times"])
def test_tables_alone_are_comparable(name: str) -> None:
    assert rivals.comparable(BY_NAME[name])


@pytest.mark.parametrize(
    "name", ["mild-weights", "leaked-rows", "impossible-auc", "sound-pictures", "no-candidate", "few-duplicates"]
)
def test_what_other_tools_cannot_read_is_left_out(name: str) -> None:
    """Weights, checks, edited measurements, more classes, no candidate, known facts."""
    assert not rivals.comparable(BY_NAME[name])


def test_decisions_are_taken_where_the_policy_looks() -> None:
    assert rivals.threshold(BY_NAME["threshold-one"]) == 1.0
    assert rivals.threshold(BY_NAME["weak-but-useful"]) == 0.5


def test_groups_become_a_column_of_text() -> None:
    table = rivals.arrays(corpus.predictions(BY_NAME["examples-of-several-groups"]))
    assert sorted(set(table["group gender"].tolist())) == ["male", "male + female", "none"]
    assert set(table) == {"labels", "baseline", "candidate", "group gender"}


def test_another_table_or_threshold_has_another_digest() -> None:
    table = rivals.arrays(corpus.predictions(BY_NAME["random"]))
    digest = rivals.digest(table, 0.5)
    assert rivals.digest(table, 0.5) == digest
    assert rivals.digest(table, 0.9) != digest
    assert rivals.digest({**table, "candidate": table["candidate"] + 0.0001}, 0.5) != digest
    assert rivals.digest({**table, "candidate": np.nextafter(table["candidate"], 1)}, 0.5) == digest


def test_answers_were_given_about_the_tables_as_they_are() -> None:
    """After a change of one: python benchmarks/rivals.py."""
    tables = {name: (rivals.arrays(corpus.predictions(BY_NAME[name])), rivals.threshold(BY_NAME[name])) for name in MEASURED}
    assert {name: rivals.digest(*table) for name, table in tables.items()} == {
        name: result["digest"] for name, result in MEASURED.items()
    }


def test_every_tool_of_the_document_answered() -> None:
    assert document.TOOLS == rivals.TOOLS
    assert [name for name, result in MEASURED.items() if tuple(result["answers"]) != rivals.TOOLS] == []


class Tools:
    """Plays the process of the other tools: every one of them passes everything."""

    returncode = 0

    def __init__(self, folder: Path) -> None:
        self.asked = json.loads((folder / "tables.json").read_text())
        self.stdout = [
            json.dumps({"name": each["name"], "answers": dict.fromkeys(each["tools"], "passes")}) for each in self.asked
        ]

    def __enter__(self) -> "Tools":
        return self

    def __exit__(self, *_: object) -> None:
        pass


def test_a_known_answer_is_not_asked_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor one of the tools that are there already."""
    one, two = BY_NAME["random"], BY_NAME["inverted"]
    started: list[Tools] = []

    def ask(folder: Path) -> Tools:
        started.append(Tools(folder))
        return started[-1]

    monkeypatch.setattr(rivals, "chosen", lambda: [one, two])
    monkeypatch.setattr(rivals, "RESULTS", tmp_path / "rivals.json")
    monkeypatch.setattr(rivals, "ask", ask)
    assert rivals.main() == 0
    results = json.loads(rivals.RESULTS.read_text())
    assert results["random"]["answers"] == dict.fromkeys(rivals.TOOLS, "passes")
    del results["inverted"]["answers"]["fairpipe"]
    rivals.RESULTS.write_text(json.dumps(results))
    assert rivals.main() == 0
    assert [[each["name"] for each in tools.asked] for tools in started] == [["random", "inverted"], ["inverted"]]
    assert started[1].asked[0]["tools"] == ["fairpipe"]
