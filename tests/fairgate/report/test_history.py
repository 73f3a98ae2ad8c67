"""Runs over time."""

import dataclasses
import json
import math
import re
from pathlib import Path
from typing import Any, get_args

import pandas as pd
import pytest

from fairgate.errors import InputError, UnknownNameError
from fairgate.gate.outcome import Outcome
from fairgate.gate.verdict import Verdict
from fairgate.report import content, history, page, reader, vega
from fairgate.report.charts import Chart, ChartState
from fairgate.report.content import ReportContent
from fairgate.report.view import build_view

RUNS = ("20260301T080000Z", "20260302T080000Z")


def rates(*values: float, slice_name: str = "overall", model: str = "candidate") -> pd.DataFrame:
    """The positive rate of one slice in consecutive runs."""
    rows = [(f"run {at}", at, model, slice_name, "positive_rate", 0.5, value, 0) for at, value in enumerate(values)]
    return pd.DataFrame(rows, columns=["run", "at", "model", "slice", "metric", "threshold", "value", "order"])


@pytest.mark.parametrize(
    ("values", "flagged"),
    [
        ((0.2, 0.39), []),
        ((0.2, 0.4), ["run 1"]),
        ((0.4, 0.2), ["run 1"]),
        ((0.2, 0.3, 0.45), []),
        ((0.0, 0.1), ["run 1"]),
        ((0.1, 0.0), ["run 1"]),
        ((0.0, 0.0), []),
        ((0.2, math.nan, 0.9), []),
        ((0.1, 0.3, 0.9), ["run 2", "run 1"]),
    ],
)
def test_jumps_flag_doubling_and_halving(values: tuple[float, ...], flagged: list[str]) -> None:
    """Between two consecutive runs, exactly twice or half counts, the newest first."""
    assert history.jumps(rates(*values))["run"].tolist() == flagged


def test_jumps_compare_each_slice_with_itself() -> None:
    """Neither another slice's rate nor the baseline's counts."""
    table = pd.concat([rates(0.2, 0.2), rates(0.9, 0.8, slice_name="gender:male"), rates(0.1, 0.9, model="baseline")])
    assert history.jumps(table).empty


def test_history_draws_all_runs_and_links_their_reports(image_content: ReportContent, tmp_path: Path) -> None:
    """Blessed and refused runs in one page, each with a link to its own."""
    for run, outcome in (("20260301T080000Z", "refused"), ("20260302T080000Z", "blessed")):
        verdict = image_content.verdict.model_copy(update={"outcome": outcome})
        dataclasses.replace(image_content, verdict=verdict).save(tmp_path / "reports" / run)
    html = history.write(tmp_path).read_text("utf-8")
    assert "fashion-mnist: 2 runs" in html
    for found in reader.every(tmp_path):
        assert f'href="{found.run}/report.html"' in html


def test_verdicts_of_all_versions_stand_side_by_side(binary_content: ReportContent, tmp_path: Path) -> None:
    """A version 1, a version 2 and the present one; the outcome of each has its badge."""
    folders = [tmp_path / "reports" / f"2026030{day}T080000Z" for day in (1, 2, 3)]
    reported = binary_content.verdict.model_copy(update={"outcome": "reported"})
    for folder in folders:
        dataclasses.replace(binary_content, verdict=reported).save(folder)
    first = Path(__file__).parent.parent / "gate" / "verdict_schema_1.json"
    (folders[0] / "verdict.json").write_text(first.read_text(encoding="utf-8"), encoding="utf-8")
    (folders[1] / "verdict.json").write_text(json.dumps(as_version_2(binary_content.verdict)), encoding="utf-8")
    html = history.write(tmp_path).read_text("utf-8")
    badges = re.findall(r'<td><span class="badge (\w+)">(\w+)</span>', html)
    assert badges == [("note", "reported"), ("bad", "refused"), ("good", "blessed")]


def as_version_2(verdict: Verdict) -> dict[str, Any]:
    """The verdict as the version before wrote it."""
    new = {"not_judged", "absent_groups", "absent_columns", "unknown_groups", "rows", "distinct", "changes", "waivers", "policy"}
    written = verdict.model_dump(mode="json", exclude=new)
    rules = [{key: value for key, value in rule.items() if key not in ("proven", "needed", "kept")} for rule in written["rules"]]
    return {**written, "schema_version": 2, "rules": rules}


def test_a_report_of_version_2_is_drawn_without_what_it_does_not_know(binary_content: ReportContent, tmp_path: Path) -> None:
    """Neither a section on what was not judged, nor one on changes, nor a word on what is proven."""
    binary_content.save(tmp_path)
    (tmp_path / "verdict.json").write_text(json.dumps(as_version_2(binary_content.verdict)), encoding="utf-8")
    html = page.build(content.load(tmp_path))
    assert "not disproven</span>" in page.build(binary_content)
    assert 'id="not_judged"' not in html
    assert 'id="changes"' not in html
    assert "proven</span>" not in html


def test_every_outcome_has_a_mark() -> None:
    """In the chart and its legend."""
    spec = vega.filled(Chart("history_values", ChartState(metric="auc").signals))
    (shape,) = (scale for scale in spec["scales"] if scale["name"] == "shape")
    assert sorted(shape["domain"]) == sorted(get_args(Outcome))
    assert len(set(shape["range"])) == len(get_args(Outcome))


def test_history_of_nothing_is_an_error(tmp_path: Path) -> None:
    """The message names the folder."""
    with pytest.raises(InputError, match=str(tmp_path)):
        history.write(tmp_path)


def test_history_of_one_slice_is_drawn_for_notebooks(binary_content: ReportContent, tmp_path: Path) -> None:
    """The metric and the slice that are asked for, of all runs; without them those that the newest report opens with."""
    for run in RUNS:
        binary_content.save(tmp_path / "reports" / run)
    drawn = history.history(tmp_path, "positive_rate", "gender:female")
    assert drawn.caption.startswith("The slice in focus, run after run")
    (rows,) = (source["values"] for source in drawn.spec["data"] if source["name"] == "history")
    assert {row["run"] for row in rows} == set(RUNS)
    signals = {signal["name"]: signal.get("value") for signal in drawn.spec["signals"]}
    assert (signals["metric"], signals["focus"]) == ("positive_rate", "gender:female")
    opened = {signal["name"]: signal.get("value") for signal in history.history(tmp_path).spec["signals"]}
    assert (opened["metric"], opened["focus"]) == ("false_positive_rate", "gender:male")


@pytest.mark.parametrize(
    ("metric", "slice_name", "message"),
    [
        ("positive_rates", None, "there is no metric 'positive_rates'; did you mean 'positive_rate'"),
        (None, "gender:females", "there is no slice 'gender:females'; did you mean 'gender:female'"),
    ],
)
def test_history_of_what_no_run_measured_is_an_error(
    binary_content: ReportContent, tmp_path: Path, metric: str | None, slice_name: str | None, message: str
) -> None:
    binary_content.save(tmp_path / "reports" / RUNS[0])
    with pytest.raises(UnknownNameError, match=re.escape(message)):
        history.history(tmp_path, metric, slice_name)


def test_the_slice_farthest_above_keeps_its_n(binary_content: ReportContent) -> None:
    """Its mark is hollow where it rests on few examples."""
    start = build_view(binary_content.printable()).start
    spec = vega.filled(Chart("history_gaps", start.signals))
    points = [mark for mark in spec["marks"] if mark["type"] == "symbol"]
    assert [mark["encode"]["update"]["fillOpacity"][0]["value"] for mark in points] == [0.12]


def test_runs_write_the_n_of_the_candidate(binary_content: ReportContent) -> None:
    start = build_view(binary_content.printable()).start
    spec = vega.filled(Chart("history_values", start.signals))
    texts = [mark for mark in spec["marks"] if mark["type"] == "text"]
    assert len(texts) == 1
    transforms = [step for source in spec["data"] for step in source.get("transform", [])]
    assert {"type": "formula", "expr": "'n ' + format(datum.n, ',.0f')", "as": "says"} in transforms
    assert any("datum.runs <= 12 || " in str(step.get("expr")) for step in transforms)
