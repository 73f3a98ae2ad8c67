"""A report's parts, saved and loaded."""

from pathlib import Path

import pandas as pd
import pytest

from fairgate import parquet
from fairgate.errors import InputError
from fairgate.frame import Frame
from fairgate.report import content
from fairgate.report.content import ReportContent
from fairgate.report.rows import with_comparisons

TABLES = (
    "metrics",
    "curves",
    "statistics",
    "drift",
    "examples",
    "histograms",
    "counterfactual",
    "embedding_bias",
    "pixels",
    "pixel_statistics",
    "pixel_maxima",
    "class_counts",
    "trainings",
    "published_training",
    "confusion",
    "coverage",
)


@pytest.mark.parametrize("kind", ["binary_content", "image_content"])
def test_everything_reads_back_as_it_was_saved(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    """Tables, facts and verdict survive; what is absent stays absent."""
    saved: ReportContent = request.getfixturevalue(kind)
    saved.save(tmp_path)
    loaded = content.load(tmp_path)
    for name in TABLES:
        before, after = getattr(saved, name), getattr(loaded, name)
        if before is None:
            assert after is None
        else:
            lists = [column for column in before if column == "slices"]
            pd.testing.assert_frame_equal(before.drop(columns=lists), after.drop(columns=lists))
            assert all([list(names) for names in after[column]] == before[column].tolist() for column in lists)
    facts = ("verdict", "anomalies", "class_grids", "card", "evaluation")
    assert [getattr(loaded, name) for name in facts] == [getattr(saved, name) for name in facts]


def test_a_part_that_vanished_is_not_left_behind(binary_content: ReportContent, tmp_path: Path) -> None:
    """Saving a report without examples over one with them removes theirs."""
    binary_content.save(tmp_path)
    ReportContent(binary_content.verdict, binary_content.metrics).save(tmp_path)
    assert content.load(tmp_path).examples is None


def test_a_table_of_an_older_version_gains_the_comparisons_with_overall(binary_content: ReportContent, tmp_path: Path) -> None:
    """It had its own names, and rates compared with the rest alone; the page shows the same numbers from it."""
    binary_content.save(tmp_path)
    metrics = binary_content.metrics
    older = metrics[~metrics["metric"].str.endswith("_to_overall")]
    names = {"_difference_to_rest": "_gap", "_ratio_to_rest": "_ratio"}
    older = older.assign(metric=older["metric"].replace(names, regex=True))
    older.to_parquet(tmp_path / "metrics.parquet", index=False)
    present, loaded = (with_comparisons(table).pandas() for table in (metrics, content.load(tmp_path).metrics))
    present, loaded = (rows[rows["threshold"].notna()].reset_index(drop=True) for rows in (present, loaded))
    pd.testing.assert_frame_equal(loaded, present, rtol=1e-12)


def test_without_text_drops_every_word_of_examples(binary_content: ReportContent) -> None:
    """Neither the texts nor frequent values of text features remain; those of categories do."""
    bare = binary_content.without_text()
    assert bare.examples is not None
    assert bare.statistics is not None
    assert "text" not in bare.examples
    assert not bare.statistics["top_values"].str.contains("SECRET").any()
    assert bare.statistics["top_values"].str.contains("female").any()


@pytest.mark.parametrize("name", ["verdict.json", "metrics.parquet", "content/examples.parquet", "content/facts.json"])
def test_a_damaged_part_is_named(name: str, binary_content: ReportContent, tmp_path: Path) -> None:
    """A file cut in half is an error that says which."""
    binary_content.save(tmp_path)
    half = (tmp_path / name).read_bytes()
    (tmp_path / name).write_bytes(half[: len(half) // 2])
    with pytest.raises(InputError, match=Path(name).name):
        content.load(tmp_path)


def test_a_report_without_facts_has_none(binary_content: ReportContent, tmp_path: Path) -> None:
    """The file of what is no table may be absent, as the tables may."""
    binary_content.save(tmp_path)
    (tmp_path / "content" / "facts.json").unlink()
    loaded = content.load(tmp_path)
    assert (loaded.anomalies, loaded.class_grids, loaded.card, loaded.evaluation) == (None, {}, None, "")
    assert loaded.statistics is not None


def test_a_save_that_breaks_off_keeps_the_old_table(
    binary_content: ReportContent, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk leaves neither half a table nor a temporary file."""
    binary_content.save(tmp_path)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}

    def full(_: Frame, path: Path) -> None:
        path.write_bytes(b"half")
        raise OSError("No space left on device")

    monkeypatch.setattr(parquet, "write", full)
    with pytest.raises(OSError, match="No space left"):
        binary_content.save(tmp_path)
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


def test_a_table_is_read_as_a_data_frame_and_drawn_as_it_was_given(binary_content: ReportContent) -> None:
    """One that is given as a frame becomes a DataFrame once, when it is read."""
    frame = Frame({"slice": ["overall"], "value": [0.5]})
    made = ReportContent(binary_content.verdict, frame)
    assert made.frame("metrics") is frame
    assert made.metrics.to_dict("records") == [{"slice": "overall", "value": 0.5}]
    assert made.metrics is made.metrics
    assert made.roc is None
    assert made.frame("roc") is None


def test_other_parts_leave_the_tables_as_they_were_given(binary_content: ReportContent) -> None:
    frame = Frame({"slice": ["overall"], "value": [0.5]})
    other = ReportContent(binary_content.verdict, frame).with_parts(evaluation="here")
    assert other.evaluation == "here"
    assert other.frame("metrics") is frame


def test_metrics_are_required(binary_content: ReportContent) -> None:
    with pytest.raises(TypeError, match="metrics"):
        ReportContent(binary_content.verdict)
