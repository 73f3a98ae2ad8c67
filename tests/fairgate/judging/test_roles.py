"""What the columns of a table are: patterns, classes, and names that cannot be."""

from typing import Any

import pyarrow as pa
import pytest

from fairgate.errors import InputError
from fairgate.judging.class_names import class_names
from fairgate.judging.roles import Roles
from fairgate.judging.where import taken

COLUMNS = ["y", "p", "q", "g", "w", "u", "p_cat", "p_car", "p_dog", " x"]


def test_columns_are_named_once_in_their_order() -> None:
    """Label, scores, slices, groups, weight, cluster."""
    roles = Roles("y", {"candidate": "p", "baseline": "p"}, ["g"], {"h": ["g", "q"]}, "w", "u")
    assert roles.resolved(COLUMNS).columns() == ["y", "p", "g", "q", "w", "u"]
    assert roles.numbers() == ["p", "w"]
    assert class_names((), roles) == ("0", "1")


def test_a_pattern_names_the_columns_of_the_classes() -> None:
    """In the order of the table; a class is what follows the common beginning, cut between words."""
    roles = Roles("y", {"candidate": "p_*"}).resolved(COLUMNS)
    assert roles.scores == {"candidate": ("p_cat", "p_car", "p_dog")}
    assert class_names((), roles) == ("cat", "car", "dog")


def test_a_column_whose_name_is_a_pattern_is_itself() -> None:
    """It is there, so it is meant."""
    assert Roles("y", {"candidate": "p*"}).resolved(["y", "p*", "pq"]).scores == {"candidate": "p*"}


def test_a_class_is_a_whole_word() -> None:
    """What three names begin alike with is cut before the word, not in it."""
    assert class_names((), Roles("y", {"candidate": ("p_cat", "p_car", "p_can")})) == ("cat", "car", "can")


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "no candidate": (
        {"scores": {"baseline": "p"}},
        "Neither a score nor a decision of the candidate is named; type scores={.candidate.: .COLUMN.}",
    ),
    "scores beside decisions": (
        {"decisions": {"baseline": "q"}},
        r"There are scores \(candidate\) and decisions \(baseline\); name scores for all models, or decisions for all",
    ),
    "classes without labels": (
        {"label": None, "scores": {"candidate": "p_*"}},
        "Probabilities of several classes are judged by the true class; type label=.COLUMN.",
    ),
    "a column of a condition that is not there": ({"where": "gg == 1"}, "there is no column 'gg'; did you mean 'g'"),
    "an unknown model": ({"scores": {"canidate": "p"}}, "did you mean 'candidate'"),
    "a feature twice": ({"slices": ["g"], "groups": {"g": ["q"]}}, "The feature 'g' is named twice"),
    "a slice called label": ({"slices": ["label"]}, "A slice cannot be called 'label'"),
    "a feature without columns": ({"groups": {"h": []}}, "has no columns; type groups={.h.: ..COLUMN., .COLUMN.]}"),
    "a column that is not there": ({"slices": ["gg"]}, "there is no column 'gg'; did you mean 'g'"),
    "a column with a space": (
        {"slices": ["x"]},
        "there is no column 'x', but one with a space, ' x'; remove the space from its name",
    ),
    "the label as a score": (
        {"scores": {"candidate": "p", "baseline": "y"}},
        "The column 'y' is named as the label and as what the baseline predicts, so it would be right everywhere",
    ),
    "the label as a class": ({"scores": {"candidate": ("q", "u", "y")}}, "as what the candidate predicts"),
    "a pattern of nothing": ({"scores": {"candidate": "z_*"}}, "there is no column 'z_\\*'"),
    "a pattern of two": ({"scores": {"candidate": "p_c*"}}, "names 2 columns \\(p_cat, p_car\\)"),
    "one score and several": (
        {"scores": {"candidate": "p_*", "baseline": "p"}},
        "One model has one score and another one several",
    ),
    "a positive value of several classes": (
        {"scores": {"candidate": "p_*"}, "positive": "cat"},
        'positive="cat" names one of two classes, and the candidate has the probabilities of 3; leave positive out',
    ),
    "other classes": (
        {"scores": {"candidate": "p_*", "baseline": ("w", "q", "u")}},
        "The classes of the baseline are w, q, u, those of the candidate cat, car, dog",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_mistake_is_named_with_its_remedy(case: str) -> None:
    """One message each."""
    changed, message = WRONG[case]
    arguments: dict[str, Any] = {"label": "y", "scores": {"candidate": "p"}} | changed
    with pytest.raises(InputError, match=message):
        class_names((), Roles(**arguments).resolved(COLUMNS))


def test_two_columns_of_one_name_are_refused() -> None:
    """Which one is meant is unknown."""
    with pytest.raises(InputError, match="Two columns are called 'p'"):
        Roles("y", {"candidate": "p"}).resolved(["y", "p", "p"])


def test_spaces_around_a_name_are_dropped_where_there_is_no_such_column() -> None:
    """As of `--slices "a, b"`; a column that is called so is taken."""
    roles = Roles(None, {}, (" a", " b"), {"h": (" a", "b ")}, decisions={"candidate": " d "})
    resolved = roles.resolved(["d", " a", "a", "b"])
    assert (resolved.slices, resolved.groups, resolved.decisions) == ((" a", "b"), {"h": (" a", "b")}, {"candidate": "d"})


@pytest.mark.parametrize(("typed", "column"), [("r\u00e9gion", "re\u0301gion"), ("re\u0301gion", "r\u00e9gion")])
def test_a_column_that_looks_alike_is_the_one_that_is_meant(typed: str, column: str) -> None:
    """Composed and decomposed accents: of label, score, slices and groups, weight and cluster."""
    roles = Roles(typed, {"candidate": f"{typed} p"}, [f"{typed} s"], {"g": [f"{typed} a"]}, f"{typed} w", f"{typed} u")
    known = [column, *(f"{column} {letter}" for letter in "psawu")]
    assert sorted(roles.resolved(known).columns()) == sorted(known)
    with pytest.raises(InputError, match="there is no column"):
        roles.resolved([*known[1:], "region"])


@pytest.mark.parametrize(("typed", "column"), [("r\u00e9gion", "re\u0301gion"), ("re\u0301gion", "r\u00e9gion")])
@pytest.mark.parametrize("condition", ["{} == 'a' and x > 1", "column('{}') == 'a' and x > 1"])
def test_a_condition_reads_the_column_that_looks_alike(typed: str, column: str, condition: str) -> None:
    """Python itself composes a name that is written alone, so such a one cannot name a decomposed column."""
    roles = Roles(None, decisions={"candidate": "d"}, where=condition.format(typed))
    resolved = roles.resolved(["d", column, "x"])
    batch = pa.RecordBatch.from_pydict({"d": [1, 1, 1], column: ["a", "b", "a"], "x": [2, 2, 0]})
    assert resolved.columns() == ["d", column, "x"]
    assert taken(resolved.where, batch).to_pylist() == [True, False, False]


def test_a_condition_whose_columns_are_there_stays_as_it_is_written() -> None:
    roles = Roles(None, decisions={"candidate": "d"}, where="x is null  or y == 'it''s'")
    assert roles.resolved(["d", "x", "y"]).where == roles.where
