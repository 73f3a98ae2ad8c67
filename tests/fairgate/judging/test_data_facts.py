"""What the report says that a table of predictions holds."""

import csv
from pathlib import Path

import pytest

import fairgate
from fairgate.cli import main as cli
from fairgate.files import file_digest
from fairgate.report.content import load
from tests.fairgate.judging.rows import Rows


def test_rows_are_counted_by_class(rows: Rows) -> None:
    """Those of the table, counted with numpy."""
    found = fairgate.evaluate(rows.table(), label="toxic", scores="p_new").content.data_summary
    positive = int(rows.label.sum())
    assert found.splits["eval"].rows == 6000
    assert found.splits["eval"].labels == {"negative": 6000 - positive, "positive": positive}
    assert found.files == ()


def test_classes_are_counted_also_where_they_are_too_few_to_measure() -> None:
    """One example of c among 101; a slice of one is left out."""
    label = ["a"] * 60 + ["b"] * 40 + ["c"]
    table = {"label": label, **{f"p_{name}": [0.8 if each == name else 0.1 for each in label] for name in "abc"}}
    found = fairgate.evaluate(table, label="label", scores="p_*")
    assert found.content.data_summary.splits["eval"].labels == {"a": 60, "b": 40, "c": 1}


def test_files_are_named_with_their_digests_and_the_report_knows_that_it_is_of_a_table(tmp_path: Path, rows: Rows) -> None:
    path = tmp_path / "p.csv"
    with path.open("w", newline="") as file:
        written = csv.writer(file)
        written.writerows([("toxic", "p"), *zip(rows.label.astype(int).tolist(), rows.new.tolist(), strict=True)])
    found = fairgate.evaluate(str(path), label="toxic", scores="p")
    found.report(tmp_path / "report")
    loaded = load(tmp_path / "report")
    (listed,) = loaded.data_summary.files
    assert (listed.name, listed.kind, f"sha256:{listed.sha256}") == ("p.csv", "csv", file_digest(path))
    assert loaded.verdict.of_table


def test_clusters_are_said_in_the_data_sheet_and_the_terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """By the name of their column; without the option nothing is said."""
    path = tmp_path / "p.csv"
    path.write_text("y,p,user\n" + "".join(f"{row % 2},0.{row % 7}1,{row // 2}\n" for row in range(300)))
    said = "Intervals take clusters of user into account: its examples are not independent."
    arguments = ["evaluate", str(path), "--label", "y", "--score", "candidate=p", "--out"]
    for name, options in (("with", ["--cluster", "user"]), ("without", [])):
        cli.main([*arguments, str(tmp_path / name), *options])
        has = name == "with"
        assert (said in " ".join(capsys.readouterr().out.split())) is has
        assert (said in (tmp_path / name / "datasheet.md").read_text(encoding="utf-8")) is has
        assert (said in (tmp_path / name / "report.html").read_text(encoding="utf-8")) is has


def test_empty_cells_of_the_cluster_are_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """All of them are one cluster."""
    path = tmp_path / "p.csv"
    path.write_text("y,p,user\n" + "".join(f"{row % 2},0.{row % 7}1,{row // 2 if row > 9 else ''}\n" for row in range(300)))
    cli.main(
        ["evaluate", str(path), "--label", "y", "--score", "candidate=p", "--cluster", "user", "--out", str(tmp_path / "out")]
    )
    said = "its examples are not independent. Its empty cells (10) count as one cluster."
    assert said in capsys.readouterr().out
    assert said in (tmp_path / "out" / "datasheet.md").read_text()
