"""Slices of a table: what is read of it, whatever it is, is what is discovered."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import fairgate
from fairgate.errors import InputError
from fairgate.judging import discovery
from fairgate.judging.discovery import BinnedRoles, DiscoveryRequest, discover

GROUPS = {"gender": ["male", "female"]}


@pytest.fixture(scope="module")
def table() -> pa.Table:
    """4,000 rows; false positives are three times as frequent where men meet the race "b"."""
    random = np.random.default_rng(9)
    male = random.random(4_000) < 0.5
    race = random.choice(["a", "b", "c"], 4_000)
    label = random.random(4_000) < 0.2
    wrong = random.random(4_000) < np.where(male & (race == "b"), 0.36, 0.12)
    score = np.where(label | wrong, 0.6, 0.1) + random.random(4_000) / 4
    return pa.table(
        {
            "y": label,
            "p": score,
            "male": male,
            "female": np.where(male, 0.2, 0.9),
            "race": race,
            "age": random.integers(18, 90, 4_000),
            "user": np.arange(4_000) // 2,
            "kind": np.where(label, "x", "y"),
            **{f"k_{name}": each for name, each in zip("xyz", (0.5 * score, 1 - score, 0.5 * score), strict=True)},
        }
    )


def _found(rows: Any, **changed: Any) -> fairgate.Discovery:
    return discover(rows, **{"label": "y", "scores": "p", "slices": ["race"], "groups": GROUPS, **changed})


def test_planted_slices_are_confirmed(table: pa.Table) -> None:
    """The counts of both halves are those of pandas; the unknown ones, none, are not listed."""
    found = _found(table)
    assert "gender:male × race:b" in {each.slice for each in found.confirmed}
    shown = next(each for each in found.slices if each.slice == "gender:male × race:b")
    rows = table.to_pandas()
    inside = rows[~rows["y"] & rows["male"] & (rows["race"] == "b")]
    assert shown.n + shown.first_n == len(inside)
    assert shown.n * shown.rate + shown.first_n * shown.first_rate == pytest.approx((inside["p"] > 0.5).sum())
    assert (found.rows, sum(found.trials), found.unknown) == (4_000, (~rows["y"]).sum(), {})
    assert found.possible == 5 + 6  # nobody has two values of race, or of gender


def test_files_and_frames_give_the_same(table: pa.Table, tmp_path: Path) -> None:
    """One file, several, pandas, and a dict of arrays."""
    pq.write_table(table.slice(0, 1_500), tmp_path / "1.parquet")
    table.slice(1_500).to_pandas().to_csv(tmp_path / "2.csv", index=False)
    expected = _found(table)
    assert _found(table.to_pandas()) == expected
    assert _found([tmp_path / "1.parquet", tmp_path / "2.csv"]) == expected
    pq.write_table(table, tmp_path / "all.parquet")
    assert _found(tmp_path / "all.parquet") == expected


def test_lists_and_flags_are_the_same_groups(table: pa.Table) -> None:
    """A list column of names, one of which is there twice, in place of two flags."""
    rows = table.to_pandas()
    lists = [["male", "male"] if male else ["female", None] for male in rows["male"]]
    found = _found(rows.assign(gender=lists), slices=["race", "gender"], groups=None)
    assert {each.slice for each in found.slices} == {each.slice for each in _found(table).slices}


def test_a_cluster_lies_in_one_half(table: pa.Table) -> None:
    """The sizes of the halves are those of pairs of rows."""
    found = _found(table.append_column("one", pa.array([False] * 4_000)), label="one", cluster="user")
    assert found.clusters == "user"
    assert [size % 2 for size in found.trials] == [0, 0]


def test_equal_rows_are_one_cluster_where_the_table_is_duplicated(table: pa.Table) -> None:
    """As `evaluate` judges that."""
    twice = pa.concat_tables([table, table])
    assert (_found(twice).clusters, _found(table).clusters) == ("equal rows", "")


def test_numbers_are_cut_into_ranges(table: pa.Table) -> None:
    """Quantiles of the examples that count; an empty cell is unknown."""
    rows = table.to_pandas().assign(age=lambda frame: frame["age"].where(frame.index > 9))
    found = _found(rows, bins={"age": 4}, slices=["race"])
    ages = rows.loc[~rows["y"], "age"].dropna()
    assert found.edges == {"age": tuple(np.quantile(ages, (0.25, 0.5, 0.75), method="inverted_cdf"))}
    assert found.unknown == {"age": (~rows["y"]).sum() - len(ages)}


def test_several_classes_are_discovered_by_accuracy(table: pa.Table) -> None:
    """Every row counts; the overall value is that of numpy."""
    scores = ["k_x", "k_y", "k_z"]
    found = _found(table, label="kind", scores="k_*")
    rows = table.to_pandas()
    right = np.array(["x", "y", "z"])[rows[scores].to_numpy().argmax(axis=1)] == rows["kind"]
    assert (found.metric, sum(found.trials)) == ("accuracy", 4_000)
    assert found.overall == pytest.approx(right.mean())
    assert {each.threshold for each in found.slices} <= {None}


def test_a_part_of_the_rows_is_taken(table: pa.Table) -> None:
    """By an expression; the others are not read."""
    found = _found(table, where="age >= 50")
    assert found.rows == (table.to_pandas()["age"] >= 50).sum()


def test_a_score_that_is_missing_is_left_out_and_counted(table: pa.Table) -> None:
    """Of a row that would count."""
    rows = table.to_pandas()
    rows.loc[5:7, "p"] = np.nan
    assert (_found(rows).invalid, _found(rows).rows) == (3, 4_000)


MISTAKES: dict[str, tuple[dict[str, Any], str]] = {
    "nothing to slice by": ({"slices": (), "groups": None}, "Nothing is named to slice by; type slices="),
    "column": ({"slices": "rce"}, "there is no column 'rce'; did you mean 'race'"),
    "numbers": ({"bins": {"agee": 3}}, "there is no column 'agee'; did you mean 'age'"),
    "text": ({"bins": {"kind": 3}}, "The column kind holds string, not numbers"),
    "ranges": ({"bins": {"age": 1}}, 'bins={"age": 1}: there are 2 to 100 ranges'),
    "twice": ({"bins": {"race": 3}}, "'race' is named by bins and as a slice"),
    "depth": ({"depth": 9}, "depth=9: a slice has 1 to 5 conditions"),
    "examples": ({"min_examples": 0}, "min_examples=0: each half needs examples"),
    "a label that is none": ({"label": None}, "label names 'None', which is no name of a column"),
    "no scores": ({"scores": None}, "No column of the candidate is named; type scores="),
    "scores of two models": ({"scores": {"candidate": "p", "baseline": "p"}}, "scores names the models 'candidate', 'baseline'"),
    "groups that are a list": ({"groups": ["male"]}, "groups is .*; give feature -> columns"),
    "bins that are a list": ({"bins": ["age"]}, "bins is .*; give column -> number of ranges: bins="),
    "bins of text": ({"bins": {"age": "5"}}, "bins is '5'; give a whole number, such as 5"),
    "a depth of text": ({"depth": "2"}, "depth is '2'; give a whole number"),
    "thresholds of text": ({"thresholds": "half"}, "thresholds is 'half'; give numbers between 0 and 1"),
    "no thresholds": ({"thresholds": None}, "threshold"),
    "side": ({"metric": "positive_rate", "worse": "up"}, "there is no bad side of a metric 'up'; known: higher, lower"),
    "metric": ({"metric": "auc"}, "there is no metric to discover slices by 'auc'"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_mistakes_are_refused(mistake: str, table: pa.Table) -> None:
    """With what to type."""
    arguments, message = MISTAKES[mistake]
    with pytest.raises(InputError, match=message):
        _found(table, **arguments)


def test_arguments_are_those_of_evaluate(table: pa.Table) -> None:
    """A single threshold, the models by name, None for none, columns with numbers for names, numbers of NumPy."""
    expected = _found(table, groups=None, slices=["race"])
    for changed in (
        {"thresholds": 0.5},
        {"scores": {"candidate": "p"}},
        {"where": None, "bins": None},
        {"depth": np.int64(3), "min_examples": 100.0},
        {"slices": "race"},
    ):
        assert _found(table, **{"groups": None, "slices": ["race"], **changed}) == expected
    numbered = table.select(["y", "p", "race"]).to_pandas().set_axis([0, 1, 2], axis=1)
    of_numbers = _found(numbered, label=0, scores=1, slices=[2], groups=None)
    assert (of_numbers.overall, of_numbers.tested) == (expected.overall, expected.tested)


def test_a_table_without_rows_is_refused(table: pa.Table) -> None:
    """Nothing can be discovered in it."""
    with pytest.raises(InputError, match="The table has no rows"):
        _found(table.slice(0, 0))


def test_too_many_values_are_refused(table: pa.Table, monkeypatch: pytest.MonkeyPatch) -> None:
    """Such as names of users."""
    monkeypatch.setattr(discovery, "MAX_SLICES", 100)
    with pytest.raises(InputError, match="have more than 100 values"):
        _found(table, slices=["user"])


def test_no_example_may_count(table: pa.Table) -> None:
    """A table of positives has no false positives: nothing is tested, and nothing is an error."""
    found = _found(table.filter(table["y"]))
    assert (found.tested, found.overall, found.slices, found.detectable) == (0, None, (), ())


def test_roles_keep_the_numbers_of_the_columns() -> None:
    """Resolved as evaluate's are; the columns of numbers are read as such."""
    roles = BinnedRoles("y", {"candidate": "p"}, ("g",), bins={"age": 3})
    resolved = roles.resolved(["y", "p", "g", "age", "other"])
    assert (resolved, resolved.columns(), resolved.numbers()) == (roles, ["y", "p", "g", "age"], ["p", "age"])
    assert DiscoveryRequest(roles).metric == ""


def test_a_column_of_fractions_is_a_flag(table: pa.Table) -> None:
    """From a half on, as `evaluate` reads it; pandas' object columns of true and false too."""
    rows = table.to_pandas().assign(female=pd.Series(~table.to_pandas()["male"], dtype=object))
    assert _found(rows).slices == _found(table).slices


def test_a_column_without_any_value_is_said(table: pa.Table) -> None:
    found = _found(table.append_column("empty", pa.nulls(len(table))), slices=["race", "empty"])
    assert found.unknown["empty"] == sum(found.trials)


def test_text_is_not_cut_into_ranges(table: pa.Table) -> None:
    with pytest.raises(InputError, match=r"The column t holds string, not numbers; .* and what is cut into ranges must be"):
        _found(table.append_column("t", pa.array(["1"] * len(table))), bins={"t": 2})
