"""fairlearn and Aequitas measure the same numbers on one table, and the pages for their users state them."""

import json
import math
import re
import subprocess
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import fairgate
from tests.environments.predictions import THRESHOLD, predictions
from tests.needs import needs_environment

PROJECT = Path(__file__).resolve().parents[2]
MEASURE = Path(__file__).with_name("fairness") / "measure.py"
pytestmark = pytest.mark.slow

FEATURES = ("race", "sex")
# fairlearn's name (or scikit-learn's, in a MetricFrame) -> ours.
RATES = {
    "selection_rate": "positive_rate",
    "false_positive_rate": "false_positive_rate",
    "false_negative_rate": "false_negative_rate",
    "true_positive_rate": "true_positive_rate",
    "true_negative_rate": "true_negative_rate",
}
DECISIONS = {**RATES, "precision_score": "precision"}
SCORES = {"roc_auc_score": "auc", "mean_prediction": "mean_score"}
# Aequitas's name -> ours.
CROSSTABS = {
    "tpr": "true_positive_rate",
    "tnr": "true_negative_rate",
    "fpr": "false_positive_rate",
    "fnr": "false_negative_rate",
    "fdr": "false_discovery_rate",
    "for": "false_omission_rate",
    "precision": "precision",
    "pprev": "positive_rate",
    "prev": "mean_label",
}
equal = partial(pytest.approx, abs=1e-9, rel=1e-9, nan_ok=True)
nearly = partial(pytest.approx, abs=1e-5)  # an AUC or a mean of scores may come from cells


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    """The predictions."""
    return predictions()


@pytest.fixture(scope="module")
def answers(table: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Any]:
    """What the two libraries measured, in a process each."""
    python, file = needs_environment("fairness"), tmp_path_factory.mktemp("table") / "predictions.csv"
    table.to_csv(file, index=False)
    started = {
        name: subprocess.Popen([python, MEASURE, name, file], stdout=subprocess.PIPE, text=True)
        for name in ("fairlearn", "aequitas")
    }
    written = {name: process.communicate()[0] for name, process in started.items()}
    assert [process.returncode for process in started.values()] == [0, 0]
    return {name: json.loads(text) for name, text in written.items()}


class Measured:
    """What fairgate measured of a table."""

    def __init__(self, table: pd.DataFrame, weight: str | None = None) -> None:
        """Judge the table by conventional limits."""
        judged = fairgate.evaluate(table, label="label", scores="score", slices=FEATURES, weight=weight, thresholds=[THRESHOLD])
        self._values: dict[tuple[str, str], float] = {
            (row["slice"], row["metric"]): row["value"]
            for row in judged.metrics.to_dict("records")
            if math.isnan(row["threshold"]) or row["threshold"] == THRESHOLD
        }

    def __call__(self, slice_name: str, metric: str) -> float:
        """Return a metric of the candidate on a slice, at the threshold if it has one."""
        return self._values[slice_name, metric]


@pytest.fixture(scope="module")
def ours(table: pd.DataFrame) -> Measured:
    """Unweighted."""
    return Measured(table)


@pytest.mark.parametrize("feature", FEATURES)
@pytest.mark.parametrize(("kind", "names", "same"), [("decisions", DECISIONS, equal), ("scores", SCORES, nearly)])
def test_a_metric_frame_has_the_same_numbers(
    answers: Mapping[str, Any], ours: Measured, feature: str, kind: str, names: Mapping[str, str], same: Any
) -> None:
    """By group and overall, and every difference and ratio of fairlearn, between groups and to overall."""
    frame = answers["fairlearn"][feature][kind]
    for theirs, metric in names.items():
        overall, by_group = (
            ours("overall", metric),
            {group: ours(f"{feature}:{group}", metric) for group in frame["by_group"][theirs]},
        )
        assert (frame["overall"][theirs], frame["by_group"][theirs]) == (same(overall), same(by_group))
        differences = [ours(f"{feature}:{group}", f"{metric}_difference_to_overall") for group in by_group]
        ratios = [ours(f"{feature}:{group}", f"{metric}_ratio_to_overall") for group in by_group]
        assert frame["difference_to_overall"][theirs] == same(max(map(abs, differences)))
        assert frame["ratio_to_overall"][theirs] == same(min(min(ratio, 1 / ratio) for ratio in ratios))
        low, high = min(by_group.values()), max(by_group.values())
        assert frame["difference_between_groups"][theirs] == same(high - low)
        assert frame["ratio_between_groups"][theirs] == same(low / high)


@pytest.mark.parametrize("feature", FEATURES)
def test_parity_and_equalized_odds_are_gaps_of_rates(answers: Mapping[str, Any], ours: Measured, feature: str) -> None:
    named, groups = answers["fairlearn"][feature]["named"], answers["fairlearn"][feature]["decisions"]["by_group"]["count"]
    rates = {metric: [ours(f"{feature}:{group}", metric) for group in groups] for metric in RATES.values()}
    gaps = {metric: max(values) - min(values) for metric, values in rates.items()}
    shares = {metric: min(values) / max(values) for metric, values in rates.items()}
    odds = ("true_positive_rate", "false_positive_rate")
    assert named["demographic_parity_difference"] == equal(gaps["positive_rate"])
    assert named["demographic_parity_ratio"] == equal(shares["positive_rate"])
    assert named["equalized_odds_difference"] == equal(max(gaps[rate] for rate in odds))
    assert named["equalized_odds_ratio"] == equal(min(shares[rate] for rate in odds))


def test_a_gap_against_the_best_group_is_fairlearns_number_between_groups(
    answers: Mapping[str, Any], table: pd.DataFrame
) -> None:
    """As the page states it."""
    shared = {"kind": "gap", "thresholds": [THRESHOLD], "slices": ["race:*"], "against": "best"}
    rates = {"positive_rate": {"worse": "lower"}, "true_positive_rate": {}, "false_positive_rate": {}}
    measures = {"ratio": 1.25, "difference": 0.1}
    rules = [
        {**shared, **side, "id": f"{rate} {measure}", "metric": rate, "measure": measure, "limit": limit}
        for rate, side in rates.items()
        for measure, limit in measures.items()
    ]
    judged = fairgate.evaluate(table, label="label", scores="score", slices=["race"], policy={"rules": rules})
    found = {line.id: abs(line.value) for line in judged.verdict.rules if line.value is not None}
    named = answers["fairlearn"]["race"]["named"]
    assert found["positive_rate ratio"] == equal(named["demographic_parity_ratio"])
    assert found["positive_rate difference"] == equal(named["demographic_parity_difference"])
    assert max(found["true_positive_rate difference"], found["false_positive_rate difference"]) == equal(
        named["equalized_odds_difference"]
    )
    text = (PROJECT / "docs" / "from-fairlearn.md").read_text(encoding="utf-8")
    stated = [f"{found[name]:.4f}" for name in ("positive_rate ratio", "positive_rate difference")]
    stated += [f"{found[f'true_positive_rate {measure}']:.4f}" for measure in measures]
    stated.append(f"{found['false_positive_rate difference']:.4f}")
    assert re.findall(r"^\| `(?:demographic|equal).*\| (0\.\d{4}) \|$", text, re.MULTILINE) == stated


@pytest.mark.parametrize("feature", FEATURES)
def test_example_weights_are_taken_alike(answers: Mapping[str, Any], table: pd.DataFrame, feature: str) -> None:
    frame, weighted = answers["fairlearn"][feature]["weighted"], Measured(table, "weight")
    for theirs, metric in RATES.items():
        assert frame["overall"][theirs] == equal(weighted("overall", metric))
        for group, value in frame["by_group"][theirs].items():
            assert value == equal(weighted(f"{feature}:{group}", metric))


@pytest.mark.parametrize("feature", FEATURES)
def test_aequitas_has_the_same_rates_and_disparities(
    answers: Mapping[str, Any], table: pd.DataFrame, ours: Measured, feature: str
) -> None:
    """A disparity is the ratio of a group's rate to that of a reference group."""
    reference = f"{feature}:{min(table[feature])}"
    found = {name: row for name, row in answers["aequitas"].items() if name.startswith(f"{feature}:")}
    assert len(found) == table[feature].nunique()
    for name, row in found.items():
        for theirs, metric in CROSSTABS.items():
            assert row[theirs] == equal(ours(name, metric))
            if theirs != "prev":
                assert row[f"{theirs}_disparity"] == equal(ours(name, metric) / ours(reference, metric))
        assert row["npv"] == equal(1 - ours(name, "false_omission_rate"))
        assert row["group_size"] == (table[feature] == name.partition(":")[2]).sum()


def test_the_page_for_users_of_fairlearn_states_these_numbers(answers: Mapping[str, Any], ours: Measured) -> None:
    """`MetricFrame(…).by_group`, beside the name of our metric and slice."""
    frame = answers["fairlearn"]["race"]
    known = {name: (frame["decisions"], metric) for name, metric in DECISIONS.items()}
    known |= {name: (frame["scores"], metric) for name, metric in SCORES.items()}
    rows = _rows("from-fairlearn.md", known)
    assert set(rows) == set(known)
    for name, (metric, *numbers) in rows.items():
        frame_of_kind, ours_is = known[name]
        assert metric == ours_is
        stated = [frame_of_kind["overall"][name], *(frame_of_kind["by_group"][name][group] for group in ("black", "white"))]
        assert numbers == [f"{value:.4f}" for value in stated]
        assert numbers == [f"{ours(place, metric):.4f}" for place in ("overall", "race:black", "race:white")]


def test_the_page_for_users_of_aequitas_states_these_numbers(answers: Mapping[str, Any], ours: Measured) -> None:
    """`get_crosstabs` and `get_disparity_predefined_groups`, with asian as the reference group."""
    rows = _rows("from-aequitas.md", CROSSTABS)
    assert set(rows) == set(CROSSTABS)
    black, asian = (answers["aequitas"][f"race:{group}"] for group in ("black", "asian"))
    for name, (metric, *numbers) in rows.items():
        assert metric == CROSSTABS[name]
        assert numbers == [f"{row[name]:.4f}" for row in (asian, black)]
        assert numbers == [f"{ours(place, metric):.4f}" for place in ("race:asian", "race:black")]


def _rows(page: str, names: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return the rows of the page's tables that begin with one of the names."""
    lines = (PROJECT / "docs" / page).read_text(encoding="utf-8").splitlines()
    cells = [[cell.strip(" `") for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines if line.startswith("|")]
    return {row[0]: row[1:] for row in cells if row[0] in names}
