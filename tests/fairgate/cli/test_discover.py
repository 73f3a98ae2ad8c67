"""`fairgate discover`: the slices in the terminal, the files, and one message for each mistake."""

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from fairgate.cli import main as cli
from fairgate.discovery.result import Discovery
from fairgate.gate.policy import Policy

BASE = ("--label", "y", "--score", "candidate=p")


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A table in which the group "a" of g has many false positives, and those who are old."""
    path = tmp_path_factory.mktemp("tables") / "t.parquet"
    random = np.random.default_rng(5)
    group, age = random.choice(["a", "b", "[c]"], 3_000), random.random(3_000)
    wrong = random.random(3_000) < 0.1 + 0.3 * (group == "a") + 0.2 * (age > 0.5)
    pq.write_table(
        pa.table({"y": random.random(3_000) < 0.1, "p": np.where(wrong, 0.9, 0.1), "g": group, "age": age, "k_1": age}), path
    )
    return path


def _run(path: Path, *arguments: str) -> int:
    return cli.main(["discover", str(path), *BASE, *arguments])


def test_confirmed_slices_are_shown_and_written(path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """discovery.json holds what the library returns; the rules name what a table has a column for."""
    rules = tmp_path / "rules.yaml"
    assert _run(path, "--slices", "g", "--bins", "age=2", "--out", str(tmp_path / "out"), "--policy-out", str(rules)) == 0
    told = capsys.readouterr().out
    found = Discovery.model_validate_json((tmp_path / "out" / "discovery.json").read_text(encoding="utf-8"))
    assert {"g:a"} < {each.slice for each in found.confirmed}
    assert "g:a" in told
    assert "slices of up to 3 conditions: 11 tested" in told
    assert "a table has no column of their ranges: " in " ".join(told.split())
    assert "| g:a |" in (tmp_path / "out" / "discovery.md").read_text(encoding="utf-8")
    assert Policy.from_yaml(rules).rules[0].slices == ("g:a",)
    assert "rules.yaml: judge new data by it, not these." in " ".join(told.split())


def test_a_part_of_the_rows_is_taken(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """By an expression over columns."""
    assert _run(path, "--slices", "g", "--where", "age > 0.5") == 0
    assert " rows count for it" in " ".join(capsys.readouterr().out.split())
    assert _run(path, "--slices", "g", "--where", "age > 2") == 3


def test_nothing_found_says_what_could_have_been(path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 0, and no rules."""
    rules = tmp_path / "rules.yaml"
    assert _run(path, "--slices", "g", "--metric", "false_negative_rate", "--policy-out", str(rules)) == 0
    told = " ".join(capsys.readouterr().out.split())
    assert "No slice was confirmed." in told
    assert "would have been found and confirmed in 80 % of cases, from a value of" in told
    assert "is not written" in told
    assert not rules.exists()


MISTAKES = {
    "model": (("--slices", "g", "--score", "baseline=p"), "type --score candidate=COLUMN alone"),
    "bins": (("--bins", "age"), "--bins age: write COLUMN=N, such as --bins age=5."),
    "bins twice": (("--bins", "age=3", "--bins", "age=4"), "--bins names 'age' twice"),
    "nothing": ((), "Nothing is named to slice by"),
    "threshold": (("--slices", "g", "--threshold", "1.5"), "--threshold 1.5 is not between 0 and 1"),
    "no number": (("--slices", "g", "--threshold", "half"), "--threshold half: write numbers between 0 and 1"),
    "place": (("--slices", "g", "--policy-out", "/dev/null/x"), "/dev/null/x cannot be written"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_mistakes_end_with_exit_code_3(mistake: str, path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """And one message."""
    arguments, message = MISTAKES[mistake]
    assert _run(path, *arguments) == 3
    assert message in " ".join(capsys.readouterr().err.split())


def test_a_pattern_of_scores_is_of_classes(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Fewer than three columns are refused as `evaluate` refuses them."""
    assert cli.main(["discover", str(path), "--label", "y", "--score", "candidate=k_1,p", "--slices", "g"]) == 3
    assert "Probabilities of classes need at least three" in " ".join(capsys.readouterr().err.split())


def test_json_is_plain(path: Path, tmp_path: Path) -> None:
    """Without NaN or infinity, which other readers refuse."""

    def refuse(name: str) -> None:
        raise AssertionError(name)

    assert _run(path, "--slices", "g", "--out", str(tmp_path)) == 0
    text = (tmp_path / "discovery.json").read_text(encoding="utf-8")
    assert json.loads(text, parse_constant=refuse)["schema_version"] == 1
