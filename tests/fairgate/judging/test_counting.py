"""Counts of a table are those of its rows, whatever the batches; copies are found, honest repetitions are not."""

import dataclasses
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from fairgate.counting.settings import CountSettings
from fairgate.errors import InputError
from fairgate.judging.counting import CountedTable, count
from fairgate.judging.roles import Roles
from fairgate.measurement import MetricKey
from fairgate.predictions import evaluate_predictions
from tests.fairgate.judging.rows import Rows

ROLES = Roles("toxic", {"candidate": "p_new", "baseline": "p_old"}, ["gender"])
SETTINGS = CountSettings(label_key="label", classes=("0", "1"), kind="binary", thresholds=(0.3, 0.5), auc_slices=("overall",))


def _count(table: pa.Table, roles: Roles = ROLES, size: int = 1000, **changed: Any) -> CountedTable:
    row, numbered = 1, []
    for batch in table.select(roles.columns()).combine_chunks().to_batches(max_chunksize=size):
        numbered.append((row, batch))
        row += batch.num_rows
    return count(numbered, roles, dataclasses.replace(SETTINGS, **changed))


@pytest.mark.parametrize("size", [6000, 700])
def test_rates_are_those_of_the_rows(rows: Rows, size: int) -> None:
    """Counts by enumeration with numpy, of both models and every group."""
    found = _count(rows.table(), size=size)
    assert found.rows == 6000
    for group in ("female", "male", None):
        inside = np.array([group is None or value == group for value in rows.gender])
        for model, scores in (("candidate", rows.new), ("baseline", rows.old)):
            metrics = found.evaluation.models[model]["overall" if group is None else f"gender:{group}"]
            negative = inside & ~rows.label
            rate = metrics.rates[MetricKey("false_positive_rate", 0.3)]
            assert (rate.successes, rate.trials) == ((negative & (scores > 0.3)).sum(), negative.sum())
    assert found.evaluation.unknown_groups == {"gender": sum(value is None for value in rows.gender)}


def test_groups_of_columns_are_the_groups_of_one_column(rows: Rows) -> None:
    """The same counts, whether a column holds the names or each group has a column."""
    by_columns = Roles("toxic", ROLES.scores, (), {"gender": ["female", "male"]})
    first, second = (_count(rows.table(), roles).evaluation for roles in (ROLES, by_columns))
    assert first.models == second.models


def test_a_reference_is_counted_beside_the_candidate(rows: Rows) -> None:
    """As `evaluate_predictions` counts three models."""
    table = rows.table().append_column("p_ref", pa.array(rows.old**2))
    roles = Roles("toxic", {**ROLES.scores, "reference": "p_ref"}, ["gender"])
    found = _count(table, roles).evaluation
    groups = [[] if value is None else [value] for value in rows.gender]
    scores = {"candidate": rows.new, "baseline": rows.old, "reference": rows.old**2}
    expected = evaluate_predictions(rows.label, scores, {"gender": groups}, thresholds=(0.3, 0.5), auc_slices=("overall",))
    assert found.models["reference"]["overall"].rates == expected.models["reference"]["overall"].rates
    key = MetricKey("auc")
    covariance = found.paired_with_reference["overall"].covariances[key]
    assert covariance == pytest.approx(expected.paired_with_reference["overall"].covariances[key], rel=1e-12)


def test_rows_that_are_there_twice_are_copies(rows: Rows) -> None:
    """The intervals then rest on what differs."""
    found = _count(pa.concat_tables([rows.table()] * 2)).evaluation
    assert (found.rows, found.distinct, found.clustered) == (12_000, 6000, True)


def test_some_rows_that_are_there_again_are_copies(rows: Rows) -> None:
    """Scores of many digits do not come twice by chance."""
    again = pa.concat_tables([rows.table(), rows.table().slice(0, 1000)])
    found = _count(again).evaluation
    assert (found.distinct, found.clustered) == (6000, True)
    few = _count(pa.concat_tables([rows.table(), rows.table().slice(0, 100)])).evaluation
    assert (few.distinct, few.clustered) == (6000, False)


def test_scores_of_two_digits_are_no_copies(rows: Rows) -> None:
    """They repeat honestly, so how many rows differ says nothing."""
    table = pa.table({"toxic": rows.label, "p_new": np.round(rows.new, 2), "p_old": np.round(rows.old, 2), "gender": rows.gender})
    found = _count(table).evaluation
    assert (found.distinct, found.clustered) == (None, False)


def test_few_rows_share_a_divisor_by_chance() -> None:
    """A constant score of 6 negative and 4 positive examples is no table of five that was written twice."""
    table = pa.table({"toxic": [0] * 6 + [1] * 4, "p_new": [0.9] * 10})
    assert _count(table, Roles("toxic", {"candidate": "p_new"}), auc_slices=()).evaluation.distinct is None


def test_the_few_scores_of_a_tree_are_no_copies(rows: Rows) -> None:
    """Of many digits, but each comes with both labels and all groups."""
    leaves = np.array([0.123456789, 0.4567891234, 0.87654321])[np.digitize(rows.new, [0.3, 0.6])]
    table = pa.table({"toxic": rows.label, "p_new": leaves, "gender": rows.gender})
    found = _count(table, Roles("toxic", {"candidate": "p_new"}, ["gender"])).evaluation
    assert (found.distinct, found.clustered) == (None, False)


def test_rows_of_one_user_are_not_independent(rows: Rows) -> None:
    """Where a column of clusters is named; ten rows each, which all have the same label and score, count as one."""
    table = rows.table().slice(0, 600)
    repeated = pa.concat_tables([table] * 10).append_column("user", pa.array(np.tile(np.arange(600), 10)))
    found = _count(repeated, Roles("toxic", ROLES.scores, ["gender"], cluster="user")).evaluation
    assert found.clustered
    rate = found.models["candidate"]["overall"].rates[MetricKey("false_positive_rate", 0.5)]
    assert rate.buckets is not None
    assert rate.buckets.trials.sum() == rate.trials


def test_lists_are_hashed_as_sets() -> None:
    """Rows that differ in the order of a list alone are copies."""
    table = pa.table({"toxic": [0, 0, 1], "p_new": [0.123456, 0.123456, 0.7], "g": [["a", "b"], ["b", "a"], []]})
    found = _count(table, Roles("toxic", {"candidate": "p_new"}, ["g"]), auc_slices=()).evaluation
    assert found.distinct == 2


def test_weights_are_counted(rows: Rows) -> None:
    """A rate is one of weights."""
    weights = np.where(rows.label, 2.0, 0.5)
    table = rows.table().append_column("w", pa.array(weights))
    rate = _count(table, Roles("toxic", ROLES.scores, weight="w"), weight_key="weight").evaluation
    found = rate.models["candidate"]["overall"].rates[MetricKey("positive_rate", 0.5)]
    assert found.trials == pytest.approx(weights.sum())
    assert found.successes == pytest.approx(weights[rows.new > 0.5].sum())


def test_a_table_without_rows_is_refused(rows: Rows) -> None:
    """Nothing can be judged."""
    with pytest.raises(InputError, match="The table has no rows"):
        _count(rows.table().slice(0, 0))


def test_classes_have_slices_of_their_own() -> None:
    """By the true class; recall by enumeration."""
    table = pa.table(
        {"kind": ["a", "b", "c", "a"], "p_a": [0.8, 0.1, 0.2, 0.1], "p_b": [0.1, 0.8, 0.5, 0.8], "p_c": [0.1, 0.1, 0.3, 0.1]}
    )
    roles = Roles("kind", {"candidate": ("p_a", "p_b", "p_c")})
    found = _count(table, roles, classes=("a", "b", "c"), kind="multiclass", thresholds=(), auc_slices=()).evaluation
    recall = {name: metrics.rates.get(MetricKey("recall")) for name, metrics in found.models["candidate"].items()}
    assert {name: (rate.successes, rate.trials) for name, rate in recall.items() if rate} == {
        "class:a": (1, 2),
        "class:b": (1, 1),
        "class:c": (0, 1),
    }


def test_rows_drawn_again_and_again_by_chance_are_copies() -> None:
    """Whatever their number: as many rows of the same few examples prove no more than these."""
    scores = np.random.default_rng(0).random(300)
    drawn = np.random.default_rng(1).integers(0, 300, 30_000)
    counted = _count(pa.table({"toxic": drawn % 2, "p_new": scores[drawn]}), Roles("toxic", {"candidate": "p_new"}))
    assert counted.detail.settings.distinct == 300


def test_more_groups_than_anybody_reads_are_refused() -> None:
    """Before they are judged, with the feature that has them."""
    table = pa.table({"toxic": [0, 1] * 600, "p_new": [0.5] * 1200, "zip": [str(number) for number in range(1200)]})
    with pytest.raises(InputError, match=r"more than 1,000 groups, 1,200 of them by zip so far"):
        _count(table, Roles("toxic", {"candidate": "p_new"}, ["zip"]), 1200)
    for exact in (None, False):  # of held rows and of those that are counted as they come
        assert _count(table, Roles("toxic", {"candidate": "p_new"}), exact_auc=exact).rows == 1200
