"""`fairgate evaluate`: the outcome in the terminal and the exit code, and one message for each mistake."""

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from fairgate.cli import main as cli

BASE = ("--label", "y", "--score", "candidate=p")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A table as Parquet and as CSV, its parts, and a policy."""
    folder = tmp_path_factory.mktemp("tables")
    random = np.random.default_rng(5)
    label = random.random(3000) < 0.3
    latent = random.normal(size=label.size) + 2.5 * label - 1.25
    table = pa.table(
        {
            "y": label,
            "p": 1 / (1 + np.exp(-latent)),
            "worse": 1 / (1 + np.exp(-latent - 3)),
            "g": random.choice(["a", "b"], label.size),
            "word": np.where(label, "bad", "good"),
            "three": random.choice(["a", "b", "c"], label.size),
            "user": np.arange(label.size) // 3,
        }
    )
    pq.write_table(table, folder / "t.parquet")
    pq.write_table(table.slice(0, 1000), folder / "part-1.parquet")
    pq.write_table(table.slice(1000), folder / "part-2.parquet")
    table.to_pandas().to_csv(folder / "t.csv", index=False)
    (folder / "policy.yaml").write_text(
        json.dumps(
            {"rules": [{"id": "low", "kind": "quality", "metric": "false_positive_rate", "thresholds": [0.5], "max": 0.3}]}
        )
    )
    return folder


def _run(folder: Path, out: Path, *arguments: str, files: tuple[str, ...] = ("t.parquet",)) -> int:
    return cli.main(["evaluate", *(str(folder / name) for name in files), "--out", str(out), *arguments])


@pytest.mark.parametrize("files", [("t.parquet",), ("t.csv",), ("part-*.parquet",), ("part-1.parquet", "part-2.parquet")])
def test_a_good_model_is_blessed(
    folder: Path, tmp_path: Path, files: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    """From one file or several; the verdict is written and shown."""
    assert _run(folder, tmp_path / "out", *BASE, "--slices", "g", "--policy", str(folder / "policy.yaml"), files=files) == 0
    told = capsys.readouterr().out
    assert "BLESSED" in told
    assert str(tmp_path / "out" / "report.html") in told
    assert json.loads((tmp_path / "out" / "verdict.json").read_text())["rows"] == 3000


def test_a_bad_model_is_refused_with_reasons(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 1; a file for CI holds the failure; what to do next is said."""
    score = ("--label", "word", "--positive", "bad", "--score", "candidate=worse", "--score", "baseline=p", "--cluster", "user")
    junit = tmp_path / "verdict.xml"
    assert _run(folder, tmp_path / "out", *score, "--policy", str(folder / "policy.yaml"), "--junit", str(junit)) == 1
    told = capsys.readouterr().out
    assert "REFUSED" in told
    assert "What to do next" in told
    assert "<failure" in junit.read_text()


def test_too_few_rows_are_inconclusive(folder: Path, tmp_path: Path) -> None:
    """Exit code 2."""
    pq.write_table(pq.read_table(folder / "t.parquet").slice(0, 60), tmp_path / "few.parquet")
    assert cli.main(["evaluate", str(tmp_path / "few.parquet"), *BASE, "--out", str(tmp_path / "out")]) == 2


MISTAKES = {
    "no score": (("--label", "y"), "Neither a score nor a decision of the candidate is named; type --score candidate=COLUMN"),
    "neither label nor group": (
        ("--score", "candidate=p"),
        "Without labels .* type --slices COLUMN, or give labels with --label",
    ),
    "a score without a model": (
        ("--label", "y", "--score", "p"),
        "--score p: write NAME=COLUMN, such as --score candidate=p_new",
    ),
    "a score without a column": (("--label", "y", "--score", "candidate="), "write NAME=COLUMN"),
    "a model twice": ((*BASE, "--score", "candidate=worse"), "--score names 'candidate' twice"),
    "a group without columns": ((*BASE, "--group", "g"), "--group g: write NAME=COLUMN, such as --group gender=female,male"),
    "thresholds that are no numbers": ((*BASE, "--thresholds", "half"), "--thresholds half: write numbers between 0 and 1"),
    "a threshold of 2": ((*BASE, "--thresholds", "2"), "The threshold 2 is not between 0 and 1"),
    "a policy that is not there": ((*BASE, "--policy", "none.yaml"), "none.yaml"),
    "an unknown column": ((*BASE, "--slices", "gg"), "there is no column 'gg'; did you mean 'g'"),
    "a label of words": (("--label", "word", "--score", "candidate=p"), "Type --positive 'bad'|Type --positive 'good'"),
    "a label of three values": (("--label", "three", "--positive", "a", "--score", "candidate=p"), "more than two labels"),
    "a score of text": (("--label", "y", "--score", "candidate=word"), "The column word holds string, not numbers"),
    "a slice of fractions": ((*BASE, "--slices", "p"), "The column p holds numbers such as"),
    "slices that name none": ((*BASE, "--slices", ","), "--slices ',' names no column"),
    "a report of test cases that is none": ((*BASE, "--junit", "thesis.xml"), "thesis.xml: the file is no JUnit report"),
    "a report of test cases in the other report": (
        (*BASE, "--junit", "out/a.xml", "--out", "out"),
        "lies in the folder of the report",
    ),
    "a group of names": ((*BASE, "--group", "h=word"), "A column of --group says who belongs"),
    "a weight of text": ((*BASE, "--weight", "word"), "The column word holds string, not numbers"),
    "a negative weight": ((*BASE, "--weight", "minus"), "there is no column 'minus'"),
    "a favourable decision of another kind": ((*BASE, "--favourable", "neither"), "neither"),
}


@pytest.mark.parametrize("case", MISTAKES)
def test_a_mistake_has_one_message(
    case: str, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exit code 3, and no folder is left, or lost."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "thesis.xml").write_text("<thesis>all of it</thesis>")
    import re

    arguments, message = MISTAKES[case]
    assert _run(folder, tmp_path / "out", *arguments) == 3
    told = capsys.readouterr().err
    assert told.count("Error:") == 1
    assert re.search(message, " ".join(told.split()))
    assert not (tmp_path / "out").exists()
    assert (tmp_path / "thesis.xml").read_text() == "<thesis>all of it</thesis>"
