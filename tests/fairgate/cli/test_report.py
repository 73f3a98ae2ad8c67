"""`fairgate report`: the newest run's page again, and the history."""

import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from fairgate import manifest
from fairgate.cli import main as cli
from fairgate.cli.report import write_report
from fairgate.gate.policy import Policy
from fairgate.gate.verdict import DataInfo, Provenance, Verdict
from fairgate.report.content import ReportContent
from tests.fairgate.finished_run import write_run

RUNS = ("20260301T080000Z", "20260302T080000Z")
WORDS = "one comment of somebody"


def make_content(outcome: str) -> ReportContent:
    """A report of two slices and one example."""
    verdict = Verdict.model_validate(
        {
            "task": "civil-comments",
            "outcome": outcome,
            "summary": f"It was {outcome}.",
            "confidence": 0.95,
            "models": {},
            "overall": {},
            "rules": [],
            "slices": [],
            "omitted": {},
            "invalid_scores": {},
            "data": DataInfo(source="generated", generated=True, rows={"eval": 10}).model_dump(),
            "provenance": Provenance(finished="2026-03-01T08:00:00Z").model_dump(),
        }
    )
    rows = [
        (model, name, "positive_rate", 0.5, 0.25, 0.2, 0.3, 10.0)
        for model in ("baseline", "candidate")
        for name in ("overall", "gender:male")
    ]
    metrics = pd.DataFrame(rows, columns=["model", "slice", "metric", "threshold", "value", "low", "high", "n"])
    examples = pd.DataFrame(
        {
            "slices": [["overall"]],
            "label": [1.0],
            "baseline": [0.5],
            "candidate": [0.5],
            "wrong": [0.5],
            "sampled": [True],
            "text": [WORDS],
        }
    )
    return ReportContent(verdict, metrics, examples=examples)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A root folder with the saved content of two runs, without any page."""
    for run, outcome in zip(RUNS, ("refused", "blessed"), strict=True):
        make_content(outcome).save(tmp_path / "reports" / run)
    return tmp_path


def test_newest_run_is_drawn(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """And its path is all that is printed."""
    assert cli.main(["report", str(root)]) == 0
    page = root / "reports" / RUNS[1] / "report.html"
    assert capsys.readouterr().out == f"{page}\n"
    assert "It was blessed." in page.read_text("utf-8")
    assert not (root / "reports" / RUNS[0] / "report.html").exists()


def test_one_report_can_be_named(root: Path) -> None:
    """By its own folder."""
    assert "It was refused." in write_report(root / "reports" / RUNS[0]).read_text("utf-8")


def test_words_are_left_out_of_the_page_alone(root: Path) -> None:
    """The saved content keeps them: the next page may show them again."""
    assert cli.main(["report", str(root), "--no-text"]) == 0
    page = root / "reports" / RUNS[1] / "report.html"
    assert WORDS not in page.read_text("utf-8")
    assert WORDS in write_report(root).read_text("utf-8")


def test_history_stands_beside_the_reports(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Its links lead from there to each run's page."""
    assert cli.main(["report", str(root), "--history"]) == 0
    page = root / "reports" / "history.html"
    assert capsys.readouterr().out == f"{page}\n"
    html = page.read_text("utf-8")
    assert all(f'href="{run}/report.html"' in html for run in RUNS)


@pytest.mark.parametrize("options", [(), ("--history",)])
def test_folder_without_reports_is_a_mistake(
    tmp_path: Path, options: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    """The message names it."""
    assert cli.main(["report", str(tmp_path), *options]) == 3
    assert str(tmp_path) in capsys.readouterr().err


def test_page_that_cannot_be_written_is_a_mistake(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Here a folder has the name of the page."""
    page = root / "reports" / RUNS[1] / "report.html"
    page.mkdir()
    assert cli.main(["report", str(root)]) == 3
    assert "cannot be written (Is a directory)" in capsys.readouterr().err


def test_no_tensorflow_is_imported(root: Path) -> None:
    """Drawing needs tables and charts only."""
    code = (
        f"import sys; from fairgate.cli import main as cli; print(cli.main(['report', {str(root)!r}]),"
        "sorted({'tensorflow', 'tfx', 'apache_beam', 'tensorflow_model_analysis'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "0 []"


@pytest.mark.parametrize("options", [(), ("--history",)])
def test_nothing_is_drawn_from_files_that_were_changed(
    tmp_path: Path, options: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    """Else an edit, a page and the edit taken back would leave a page that nobody decided, and a manifest that vouches for it."""
    report = write_run(tmp_path, make_content("refused"), Policy())
    verdict, page = report / "verdict.json", report / "report.html"
    honest, drawn = verdict.read_text("utf-8"), page.read_bytes()
    verdict.write_text(honest.replace("refused", "blessed"), "utf-8")
    assert cli.main(["report", str(tmp_path), *options]) == 3
    told = capsys.readouterr().err
    assert f"reports/{report.name}/verdict.json: changed (report)" in told
    assert "Restore the files, or run the pipeline again." in told
    assert (page.read_bytes(), (tmp_path / "reports" / "history.html").exists()) == (drawn, False)
    verdict.write_text(honest, "utf-8")
    assert cli.main(["verify", str(report)]) == 3  # the model of this run is none that its source made
    assert "report.html" not in capsys.readouterr().err


def test_cards_are_drawn_again_and_sealed(tmp_path: Path) -> None:
    """Also beside the report of a version that wrote none."""
    report = write_run(tmp_path, make_content("refused"), Policy())
    before = (report / "model_card.md").read_bytes()
    (report / "model_card.md").write_text("A model that is fair.")
    (report / "datasheet.json").unlink()
    assert cli.main(["report", str(tmp_path)]) == 0
    assert (report / "model_card.md").read_bytes() == before
    assert "model_card.md" not in manifest.require_unchanged(report).redrawn


def test_a_page_that_was_changed_is_drawn_again_and_sealed(tmp_path: Path) -> None:
    """It is drawn from the other files, which are as they were."""
    report = write_run(tmp_path, make_content("refused"), Policy())
    (report / "report.html").write_text("Blessed!")
    assert cli.main(["report", str(tmp_path)]) == 0
    assert "It was refused." in (report / "report.html").read_text("utf-8")
    assert manifest.require_unchanged(report).run == report.name
