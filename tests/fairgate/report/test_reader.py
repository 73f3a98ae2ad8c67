"""The light reader."""

import dataclasses
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from fairgate.errors import InputError
from fairgate.gate import verdict
from fairgate.report import reader
from fairgate.report.content import ReportContent
from fairgate.report.notebook import Drawing, summary


@pytest.fixture(scope="module")
def root(binary_content: ReportContent, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A root folder with two runs; in the newer one, which is blessed, every value of the metrics is 0.25."""
    folder = tmp_path_factory.mktemp("root")
    binary_content.save(folder / "reports" / "20260301T080000Z")
    blessed = binary_content.verdict.model_copy(update={"outcome": "blessed"})
    newer = dataclasses.replace(binary_content, verdict=blessed, metrics=binary_content.metrics.assign(value=0.25))
    newer.save(folder / "reports" / "20260302T080000Z")
    (folder / "reports" / ".20260303T080000Z.partial").mkdir()
    (folder / "latest").symlink_to("reports/20260302T080000Z")
    return folder


def test_import_is_light() -> None:
    """In a bare process the import brings neither TensorFlow nor pandas nor charts."""
    code = (
        "import sys, fairgate.report.reader;"
        "print(sorted({'tensorflow', 'pandas', 'altair', 'scipy', 'tfx', 'apache_beam'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_reading_and_drawing_needs_no_tensorflow(root: Path) -> None:
    """Tables, summary and charts come without TensorFlow and Beam."""
    code = (
        f"import sys; from fairgate.report import reader; found = reader.load({str(root)!r});"
        "found.metrics; found._repr_html_(); found.charts.indicators();"
        "print(sorted({'tensorflow', 'tfx', 'apache_beam', 'tensorflow_model_analysis'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_load_opens_the_newest_run(root: Path) -> None:
    """A root folder stands for its latest run; a run's id or folder for itself."""
    assert reader.load(root).run == "20260302T080000Z"
    assert reader.load(root, "20260301T080000Z").verdict.outcome == "refused"
    assert reader.load(root / "reports" / "20260301T080000Z").verdict == verdict.read(
        root / "reports" / "20260301T080000Z" / "verdict.json"
    )


def test_load_finds_the_newest_run_of_a_copy_without_links(root: Path, tmp_path: Path) -> None:
    """As a zip file or an object store makes it."""
    shutil.copytree(root, tmp_path / "copy", ignore=shutil.ignore_patterns("latest"))
    assert reader.load(tmp_path / "copy").run == "20260302T080000Z"


def test_load_names_the_runs_that_there_are(root: Path) -> None:
    """A wrong id is answered with the right ones."""
    with pytest.raises(InputError, match="20260301T080000Z, 20260302T080000Z"):
        reader.load(root, "20200101T000000Z")


def test_runs_lists_them_in_order(root: Path) -> None:
    """Unfinished folders are left out."""
    listed = reader.runs(root)
    assert listed[["run", "outcome"]].values.tolist() == [["20260301T080000Z", "refused"], ["20260302T080000Z", "blessed"]]
    assert listed["auc"].iloc[0] == reader.load(root).verdict.overall["auc"]["candidate"]


def test_compare_sets_the_same_metric_side_by_side(root: Path) -> None:
    """The newer run's values are all 0.25."""
    older, newer = reader.every(root)
    table = reader.compare(older, newer)
    assert len(table) == len(older.metrics)
    assert (table["second"] == 0.25).all()
    assert table["change"].dropna().tolist() == (0.25 - table["first"].dropna()).tolist()


def test_rules_are_those_of_the_verdict(root: Path) -> None:
    """One row per rule."""
    found = reader.load(root)
    assert found.rules["id"].tolist() == [rule.id for rule in found.verdict.rules]


def test_summary_escapes_what_the_run_says(root: Path) -> None:
    """A notebook shows markup of a verdict as text."""
    found = reader.load(root)
    hostile = dataclasses.replace(
        found.content, verdict=found.verdict.model_copy(update={"summary": "<script>alert(1)</script>"})
    )
    found.__dict__["content"] = hostile
    assert "<script>" not in found._repr_html_()
    assert "&lt;script&gt;" in found._repr_html_()


@pytest.mark.parametrize(
    ("outcome", "colour"),
    [("blessed", "#009E73"), ("refused", "#D55E00"), ("inconclusive", "#B8860B"), ("reported", "#0072B2")],
)
def test_summary_has_the_colour_of_the_outcome(binary_content: ReportContent, outcome: str, colour: str) -> None:
    changed = dataclasses.replace(binary_content, verdict=binary_content.verdict.model_copy(update={"outcome": outcome}))
    assert f"border-left:6px solid {colour}" in summary("a run", changed)


def test_summary_names_what_is_waived_first(binary_content: ReportContent) -> None:
    """Before the reasons that a blessed run has."""
    first, second, *_ = binary_content.verdict.rules
    rules = (
        first.model_copy(update={"reason": "It holds."}),
        second.model_copy(update={"outcome": "waived", "reason": "Excused."}),
    )
    changed = dataclasses.replace(binary_content, verdict=binary_content.verdict.model_copy(update={"rules": rules}))
    assert re.findall("<li>(.*)</li>", summary("a run", changed)) == ["Excused.", "It holds."]


def test_summary_shows_the_metrics_at_a_threshold_of_zero(binary_content: ReportContent) -> None:
    rule = binary_content.verdict.rules[-1].model_copy(update={"metric": "false_positive_rate", "threshold": 0.0})
    update = {"rules": (rule,), "overall": {"false_positive_rate@0": {"baseline": 1.0, "candidate": 0.5}}}
    changed = dataclasses.replace(binary_content, verdict=binary_content.verdict.model_copy(update=update))
    assert ">false_positive_rate@0</td><td>1.000</td><td>0.500</td>" in summary("a run", changed)


def test_charts_carry_their_rows_and_a_picture(root: Path) -> None:
    """A front end that knows Vega draws it, any other shows the SVG; the controls are in the chart."""
    bundle = reader.load(root).charts.indicators()._repr_mimebundle_()
    vega = bundle["application/vnd.vega.v5+json"]
    assert {signal["name"] for signal in vega["signals"] if "bind" in signal} == {"metric", "threshold", "by"}
    (rows,) = (source["values"] for source in vega["data"] if source["name"] == "metrics")
    assert {row["slice"] for row in rows} >= {"overall", "gender:male"}
    assert bundle["image/svg+xml"].startswith("<svg")
    assert "male" in bundle["image/svg+xml"]


def test_every_chart_of_a_report_can_be_drawn(root: Path) -> None:
    """All names are known, an unknown one is an error."""
    charts = reader.load(root).charts
    assert all("<svg" in charts.draw(name).svg() for name in charts.names())
    with pytest.raises(KeyError):
        charts.draw("nothing")


def test_charts_of_one_name_are_drawn_by_it(root: Path) -> None:
    """Gaps of the metric that is asked for; the scatter of the slice that is."""
    charts = reader.load(root).charts

    def signals(drawing: Drawing) -> dict[str, object]:
        return {signal["name"]: signal.get("value") for signal in drawing.spec["signals"]}

    assert signals(charts.gaps("false_negative_rate", 0.3))["metric"] == "false_negative_rate"
    assert signals(charts.scatter("gender:male"))["focus"] == "gender:male"
    assert signals(charts.scatter())["focus"] == "overall"
    assert charts.scatter().caption == charts.draw("scatter").caption


def test_the_evaluation_is_found_after_the_root_folder_was_moved(binary_content: ReportContent, tmp_path: Path) -> None:
    """Beside the reports, if it is there; else where it was recorded."""
    recorded = "/absent/root/artifacts/Evaluator/evaluation/7"
    report = tmp_path / "moved" / "reports" / "20260301T080000Z"
    dataclasses.replace(binary_content, evaluation=recorded).save(report)
    assert reader.load(report).evaluation == Path(recorded)
    beside = tmp_path / "moved" / "artifacts" / "Evaluator" / "evaluation" / "7"
    beside.mkdir(parents=True)
    assert reader.load(report).evaluation == beside


def test_the_evaluation_keeps_the_name_that_the_run_gave_it(binary_content: ReportContent, tmp_path: Path) -> None:
    """TFMA takes a name with brackets for a pattern; the run has worked through a link with a plain name."""
    root, link = tmp_path / "we[ir]d", tmp_path / "link"
    (root / "artifacts" / "Evaluator" / "evaluation" / "7").mkdir(parents=True)
    link.symlink_to(root)
    recorded = link / "artifacts" / "Evaluator" / "evaluation" / "7"
    report = root / "reports" / "20260101T000000Z"
    report.mkdir(parents=True)
    dataclasses.replace(binary_content, evaluation=str(recorded)).save(report)
    assert reader.load(report).evaluation == recorded


def test_a_report_of_a_table_has_no_result_of_tfma(binary_content: ReportContent, tmp_path: Path) -> None:
    """It says where its numbers are."""
    report = tmp_path / "report"
    verdict = binary_content.verdict.model_copy(update={"task": "predictions"})
    dataclasses.replace(binary_content, evaluation="", verdict=verdict).save(report)
    with pytest.raises(InputError, match="is no report of a run, so it has no result of TFMA; its numbers are in metrics"):
        reader.load(report).evaluation  # noqa: B018  # a property that raises
