"""Distances to an earlier run: of its data, by TFDV, and of its decisions."""

import math
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import tensorflow_data_validation as tfdv

from components.validation.drift import Distance, DriftLimits, markdown, of_data, of_decisions
from fairgate.gate.verdict import DataInfo, Provenance, Verdict

LIMITS = DriftLimits(l_infinity=0.2, jensen_shannon=0.1, positive_rate=0.05, gap=0.1)


def write_statistics(folder: Path, columns: Mapping[str, list[Any]]) -> Path:
    """Statistics of the same rows in both splits, as StatisticsGen leaves them."""
    found = tfdv.generate_statistics_from_dataframe(pd.DataFrame(columns))
    for split in ("train", "eval"):
        (folder / f"Split-{split}").mkdir(parents=True)
        (folder / f"Split-{split}" / "FeatureStats.pb").write_bytes(found.SerializeToString())
    return folder


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """100 rows: a category that is a or b by halves, numbers from 0 to 1, texts, and a feature that will go."""
    columns: dict[str, list[Any]] = {
        "category": ["a", "b"] * 50,
        "number": [row / 100 for row in range(100)],
        "text": [f"row {row}" for row in range(100)],
        "old": ["x"] * 100,
        "kind": ["1"] * 100,
    }
    return write_statistics(tmp_path_factory.mktemp("before"), columns)


def test_same_data_have_no_distance(before: Path) -> None:
    """Every feature but the texts is measured, in both splits."""
    found = list(of_data(before, before, ("text",), LIMITS, "then → now"))
    assert sorted((one.feature, one.between) for one in found) == [
        (feature, f"then → now ({split})") for feature in ("category", "kind", "number", "old") for split in ("eval", "train")
    ]
    assert {(one.value, one.drifted) for one in found} == {(0.0, False)}


def test_a_split_that_one_run_lacks_is_not_compared(before: Path, tmp_path: Path) -> None:
    """The number of rows decides whether there is a validation split."""
    after = Path(shutil.copytree(before, tmp_path / "after"))
    shutil.copytree(after / "Split-train", after / "Split-validation")
    limits = (("text",), LIMITS, "then → now")
    assert {one.between for one in of_data(before, after, *limits)} == {"then → now (train)", "then → now (eval)"}
    assert "then → now (validation)" in {one.between for one in of_data(after, after, *limits)}


def test_moved_data_and_another_schema(before: Path, tmp_path: Path) -> None:
    """A share from 0.5 to 0.75 is 0.25; what came, went or changed its type is named, and not measured."""
    columns: dict[str, list[Any]] = {
        "category": ["a", "a", "a", "b"] * 25,
        "number": [2 + row / 100 for row in range(100)],
        "text": [f"line {row}" for row in range(100)],
        "fresh": [1.0] * 100,
        "kind": [1] * 100,
    }
    after = write_statistics(tmp_path, columns)
    found = {one.feature: one for one in of_data(before, after, ("text",), LIMITS, "then → now") if "eval" in one.between}
    assert {name: one.measure for name, one in found.items()} == {
        "fresh": "new",
        "old": "gone",
        "kind": "of another type",
        "category": "L-infinity",
        "number": "Jensen-Shannon",
    }
    assert found["category"].value == pytest.approx(0.25)
    assert found["category"].limit == 0.2
    assert found["number"].value == pytest.approx(1, abs=0.01)
    assert math.isnan(found["old"].value)
    assert all(one.drifted for one in found.values())


def verdict(rates: Mapping[str, float | None], gaps: Mapping[str, float | None]) -> Verdict:
    """A verdict with these positive rates at 0.5, and a gap rule on these slices; at 0.9 every rate is 1."""
    plain = {"n": 10, "n_positive": 5, "n_negative": 5, "interval": {}}
    rule = {"id": "fpr", "kind": "gap", "metric": "false_positive_rate", "threshold": 0.5, "measure": "ratio", "limit": 1.2}
    return Verdict.model_validate(
        {
            "task": "t",
            "outcome": "blessed",
            "summary": "",
            "models": {},
            "overall": {},
            "rules": [
                {**rule, "slice": name, "value": gap, "n": 9, "outcome": "passed", "reason": ""} for name, gap in gaps.items()
            ],
            "slices": [
                {
                    **plain,
                    "slice": name,
                    "model": model,
                    "threshold": threshold,
                    "positive_rate": 1.0 if threshold > 0.5 else rate,
                }
                for name, rate in rates.items()
                for model in ("baseline", "candidate")
                for threshold in (0.5, 0.9)
            ],
            "omitted": {},
            "invalid_scores": {},
            "confidence": 0.95,
            "data": DataInfo(source="files"),
            "provenance": Provenance(),
        }
    )


def test_decisions_that_moved() -> None:
    """At the policy's threshold alone, of the candidate; slices that only one verdict has, or without a value, are left out."""
    then = verdict({"overall": 0.25, "a": 0.5, "gone": 0.1, "b": None}, {"a": 1.0, "b": 1.1})
    now = verdict({"overall": 0.3125, "a": 0.5, "fresh": 0.1, "b": 0.5}, {"a": 1.25, "b": None})
    assert list(of_decisions(then, now, LIMITS, "then → now")) == [
        Distance("overall", "positive rate at 0.5 (0.250 → 0.312)", "then → now", 0.0625, 0.05, drifted=True),
        Distance("a", "positive rate at 0.5 (0.500 → 0.500)", "then → now", 0.0, 0.05, drifted=False),
        Distance("a", "gap of the rule fpr at 0.5 (1.000 → 1.250)", "then → now", 0.25, 0.1, drifted=True),
    ]


def test_section_lists_what_drifted() -> None:
    """Names from the data are escaped; what has no number has a dash."""
    steady = Distance("b", "L-infinity", "then → now", 0.01, 0.05, drifted=False)
    drifted = Distance("<b>|", "gone", "then → now", math.nan, math.nan, drifted=True)
    assert markdown([steady, drifted], "Compared with then.").splitlines() == [
        "## Since the last blessed run",
        "",
        "Compared with then. 1 of 2 distances lie beyond their limits. No rule looks at them.",
        "",
        "| what | between | measure | distance | limit |",
        "|---|---|---|---|---|",
        "| &lt;b&gt;\\| | then → now | gone | – | – |",
    ]


def test_section_of_a_first_run_is_one_sentence() -> None:
    """And of a long list, the beginning."""
    assert markdown([], "There is none.") == "## Since the last blessed run\n\nThere is none.\n"
    many = [Distance(str(place), "gone", "x", math.nan, math.nan, drifted=True) for place in range(25)]
    assert markdown(many, "").splitlines()[-1] == "… and 5 more; the report lists all."
