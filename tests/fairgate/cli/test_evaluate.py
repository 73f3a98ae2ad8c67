"""`fairgate evaluate`: the outcome in the terminal and the exit code, and one message for each mistake."""

import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from fairgate.cli import main as cli
from fairgate.report import vega

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
    (folder / "policy.yaml").write_text(
        json.dumps(
            {"rules": [{"id": "low", "kind": "quality", "metric": "false_positive_rate", "thresholds": [0.5], "max": 0.3}]}
        )
    )
    return folder


def _run(folder: Path, out: Path, *arguments: str, files: tuple[str, ...] = ("t.parquet",)) -> int:
    return cli.main(["evaluate", *(str(folder / name) for name in files), "--out", str(out), *arguments])


def test_a_good_model_is_blessed(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """From several files; the verdict is written and shown."""
    policy = ("--policy", str(folder / "policy.yaml"))
    assert _run(folder, tmp_path / "out", *BASE, "--slices", "g", *policy, files=("part-*.parquet", "part-1.parquet")) == 0
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


def test_an_audit_is_reported(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 0; the rates of both kinds of scores are shown, and the page has them."""
    asked = ("--score", "candidate=p", "--slices", "g,three", "--policy", "ll144", "--where", "user < 500")
    assert _run(folder, tmp_path / "out", *asked) == 0
    told = capsys.readouterr().out
    assert "REPORTED  Reported, not judged" in told
    assert "Scoring rate by g × three" in told
    assert "Rows where: user < 500 (1,500 rows left out)" in told
    assert 'id="impact"' in (tmp_path / "out" / "report.html").read_text()


def test_decisions_without_labels_are_judged(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """By the four-fifths rule; what is not known is said."""
    asked = ("--decision", "candidate=word", "--positive", "bad", "--slices", "g", "--policy", "four-fifths")
    assert _run(folder, tmp_path / "out", *asked) == 0
    assert "usefulness not judged: no labels" in " ".join(capsys.readouterr().out.split())


@pytest.mark.parametrize(
    ("options", "hint"), [((), True), (("--favourable", "positive"), False), (("--policy", "four-fifths"), False)]
)
def test_what_was_assumed_without_a_policy_is_said(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], options: tuple[str, ...], *, hint: bool
) -> None:
    """That a positive decision harms, and what is typed where it does not."""
    _run(folder, tmp_path / "out", "--decision", "candidate=word", "--positive", "bad", "--slices", "g", *options)
    told = " ".join(capsys.readouterr().out.split())
    assert ("A positive decision was taken to harm." in told) == hint
    assert ("fairgate evaluate … --favourable positive" in told) == hint


def test_a_terminal_shows_how_many_rows_were_read(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")  # rich takes any file for a terminal then
    cli.main(["evaluate", str(folder / "t.parquet"), *BASE, "--out", str(tmp_path / "report")])
    assert "3,000 rows" in capsys.readouterr().err


def test_too_few_rows_are_inconclusive(folder: Path, tmp_path: Path) -> None:
    """Exit code 2."""
    pq.write_table(pq.read_table(folder / "t.parquet").slice(0, 60), tmp_path / "few.parquet")
    assert cli.main(["evaluate", str(tmp_path / "few.parquet"), *BASE, "--out", str(tmp_path / "out")]) == 2


MISTAKES = {
    "an unknown policy": (
        (*BASE, "--policy", "fourfifths"),
        "no policy file, or preset 'fourfifths'; did you mean --policy four-fifths",
    ),
    "a report of test cases that is none": ((*BASE, "--junit", "thesis.xml"), "thesis.xml: the file is no JUnit report"),
    "a report of test cases in the other report": (
        (*BASE, "--junit", "out/a.xml", "--out", "out"),
        "lies in the folder of the report",
    ),
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


def test_a_report_needs_neither_pandas_nor_what_draws(folder: Path, tmp_path: Path) -> None:
    """A whole report, by a process of its own: its charts were compiled ahead, and the script that draws them is in the cache."""
    vega.script()
    models = ("--score", "baseline=worse", "--slices", "g,three", "--policy", str(folder / "policy.yaml"))
    arguments = ["evaluate", str(folder / "t.parquet"), *BASE, *models, "--out", str(tmp_path / "out")]
    code = (
        f"import sys; from fairgate.cli.main import main; main({arguments!r});"
        "print(sorted({'altair', 'pandas', 'scipy', 'vl_convert'} & sys.modules.keys()))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
    page = (tmp_path / "out" / "report.html").read_text("utf-8")
    charts = ["overall", "indicators", "thresholds", "gaps", "changes", "roc", "precision_recall", "calibration"]
    assert re.findall('<figure data-chart="(.*?)">', page) == charts
