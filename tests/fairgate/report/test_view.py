"""What a report shows, computed once."""

import dataclasses
import math
from collections.abc import Callable

import pandas as pd
import pytest

from fairgate.gate.outcome import decisive
from fairgate.names import OVERALL
from fairgate.report.content import ReportContent
from fairgate.report.view import build_view


@pytest.mark.parametrize(("thresholds", "main"), [((0.1, 0.3, 0.9), 0.3), ((0.1, 0.5, 0.9), 0.5), ((0.9,), 0.9)])
def test_charts_open_at_the_threshold_nearest_to_half(
    thresholds: tuple[float, ...], main: float, binary_content: ReportContent
) -> None:
    """The page has one main threshold, whatever was measured."""
    metrics = binary_content.metrics
    kept = metrics[metrics["threshold"].isna() | metrics["threshold"].isin(thresholds)]
    view = build_view(dataclasses.replace(binary_content, metrics=kept))
    assert view.thresholds == thresholds
    assert view.start.threshold == main
    assert set(view.here.pandas()["threshold"].dropna()) == {main}


def test_without_thresholds_the_start_has_none(image_content: ReportContent) -> None:
    """NaN in Python, None for JSON and Vega."""
    view = build_view(image_content)
    assert math.isnan(view.start.threshold)
    assert view.start.threshold_or_none is None
    assert view.at_threshold == ""


def test_reasons_are_those_of_the_gate(binary_content: ReportContent) -> None:
    """Page, terminal and notification name the same rules; what lacks data does not hide what is unproven."""
    verdict = binary_content.verdict
    states = ("unproven", "not enough data", "passed")
    lines = tuple(
        verdict.rules[0].model_copy(update={"id": f"rule {index % 2}", "slice": str(index), "outcome": states[index]})
        for index in range(3)
    )
    found = build_view(dataclasses.replace(binary_content, verdict=verdict.model_copy(update={"rules": lines}))).decisive
    assert found == tuple(decisive(lines))
    assert [rule.slice for rule in found] == ["0", "1"]


def test_start_shows_the_first_failed_slice(binary_content: ReportContent) -> None:
    """The focus is the slice of the first rule that failed; single features are shown, intersections are not."""
    view = build_view(binary_content)
    failed = [rule.slice for rule in binary_content.verdict.rules if rule.outcome == "failed"]
    assert view.start.focus == failed[0]
    assert set(view.focused["slice"]) == {OVERALL, failed[0]}
    assert not any(" × " in name for name in view.start.slices)


def test_limits_name_what_they_bound(binary_content: ReportContent) -> None:
    """Each limit is there once; the ratios of the gap rules are compared with overall."""
    limits = build_view(binary_content).limits.pandas()
    assert len(limits) == len(limits.drop_duplicates())
    ids = {rule.id for rule in binary_content.verdict.rules if rule.measure == "ratio"}
    assert set(limits.loc[limits["rule"].isin(ids), "measure"]) == {"ratio_to_overall"}
    assert limits["limit"].notna().all()


def test_limits_of_other_measures_are_not_drawn(binary_content: ReportContent) -> None:
    """A change against the baseline has no place in a chart of values."""
    drawn = set(build_view(binary_content).limits["rule"])
    changes = {rule.id for rule in binary_content.verdict.rules if rule.measure in ("change", "gap_change")}
    assert changes
    assert not drawn & changes


def test_rules_of_older_runs_have_the_present_names(image_content: ReportContent) -> None:
    """The page finds the metric of a rule that a former version judged."""
    rule = image_content.verdict.rules[0].model_copy(update={"metric": "train_test_gap", "measure": "value", "limit": 0.05})
    verdict = image_content.verdict.model_copy(update={"rules": (rule,)})
    view = build_view(dataclasses.replace(image_content, verdict=verdict))
    assert view.limits["metric"].tolist() == ["train_test_accuracy_difference"]
    assert view.decisive[0].metric == "train_test_accuracy_difference"


def test_intersections_have_their_two_features(binary_content: ReportContent) -> None:
    """Names of features and their values; single slices have neither."""
    rows = build_view(binary_content).metrics.pandas()
    pair = rows[rows["slice"].str.startswith("gender:male × race:black")].iloc[0]
    assert (pair["pair"], pair["first"], pair["second"]) == ("gender × race", "male", "black")
    assert rows.loc[rows["slice"] == OVERALL, "pair"].isna().all()


def test_examples_know_their_intersections(binary_content: ReportContent) -> None:
    """An example of both features is one of their pair, and is numbered by its place."""
    examples = build_view(binary_content).tables["examples"]
    both = [names for names in examples["slices"] if {"gender:male", "race:black"} <= set(names)]
    assert both
    assert all("gender:male × race:black" in names for names in both)
    assert examples["row"].tolist() == list(range(len(examples)))


def test_every_metric_is_offered_once(image_content: ReportContent) -> None:
    """Recall is defined per class alone, accuracy also on all examples."""
    choices = {choice.name: choice for choice in build_view(image_content).choices}
    assert {name: choice.compared for name, choice in choices.items()} == {
        "accuracy": True,
        "precision": False,
        "recall": False,
    }
    assert not any(choice.thresholds for choice in choices.values())
    assert isinstance(image_content.metrics, pd.DataFrame)


def test_a_limit_is_that_of_a_slice_at_a_threshold(binary_content: ReportContent) -> None:
    """Only what a rule judged has one, and only by the measure that the rule compares."""
    limits = build_view(binary_content).limits
    judged = [rule for rule in binary_content.verdict.rules if rule.limit is not None and rule.measure == "ratio"]
    drawn = limits.where(limits["measure"] == "ratio_to_overall")
    assert set(zip(drawn["slice"], drawn["metric"], drawn["threshold"], strict=True)) == {
        (rule.slice, rule.metric, rule.threshold) for rule in judged
    }
    assert OVERALL not in set(drawn["slice"])


def test_slices_with_equal_labels_are_written_by_their_names(binary_maker: Callable[..., ReportContent]) -> None:
    """Another value whose spelling differs by an underscore looks the same."""
    view = build_view(binary_maker(2000, {"gender": ("a_b", "c"), "race": ("a b", "d")}))
    labels = dict(view.start.labels)
    assert (labels["gender:a_b"], labels["race:a b"], labels["gender:c"]) == ("gender:a_b", "race:a b", "c")


def test_examples_know_which_label_is_positive(binary_content: ReportContent) -> None:
    """Their label says it by a name that may be any."""
    rows = build_view(binary_content).tables["examples"]
    assert dict(zip(rows["label"], rows["truth"], strict=True)) == {"toxic": 1.0, "not toxic": 0.0}
