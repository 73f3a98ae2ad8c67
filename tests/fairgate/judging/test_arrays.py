"""The words of scikit-learn and fairlearn: the verdict is that of a table of the same columns."""

import re
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from scipy import sparse

import fairgate
from fairgate.errors import InputError
from fairgate.judging.arrays import Arrays, named

N = 400
RANDOM = np.random.default_rng(0)
Y = (RANDOM.random(N) < 0.4).astype(int)
SCORE = np.clip(0.3 + 0.4 * Y + RANDOM.normal(size=N) / 6, 0, 1)
PRED = (SCORE > 0.5).astype(int)
SEX = RANDOM.choice(["f", "m"], N)
RACE = RANDOM.choice(["a", "b"], N)
WEIGHT = 1 + RANDOM.random(N)
POLICY = {"rules": [{"id": "a", "kind": "quality", "metric": "false_positive_rate", "thresholds": [0.5], "max": 0.4}]}
TABLE = {"y": Y, "p": SCORE, "d": PRED, "sex": SEX, "w": WEIGHT}


def test_decisions_are_those_of_a_table() -> None:
    """Labels, decisions, a feature and weights."""
    expected = fairgate.evaluate(TABLE, label="y", decisions="d", slices=["sex"], weight="w", policy=POLICY)
    arrays: dict[str, Any] = {
        "y_true": Y,
        "y_pred": PRED,
        "sensitive_features": pd.Series(SEX, name="sex"),
        "sample_weight": WEIGHT,
    }
    found = fairgate.evaluate(**arrays, policy=POLICY)
    assert (found.verdict.outcome, found.verdict.rules) == (expected.verdict.outcome, expected.verdict.rules)
    pd.testing.assert_frame_equal(found.metrics, expected.metrics)


def test_scores_and_a_baseline_are_those_of_a_table() -> None:
    """By name, or as a mapping."""
    scores = {"candidate": "p", "baseline": "d"}
    expected = fairgate.evaluate(TABLE, label="y", scores=scores, slices=["sex"], policy=POLICY, thresholds=())
    features = {"sex": SEX}
    for models in ({"y_score": SCORE, "baseline": PRED}, {"y_score": {"candidate": SCORE, "baseline": PRED}}):
        found = fairgate.evaluate(y_true=Y, sensitive_features=features, policy=POLICY, thresholds=(), **models)
        assert found.verdict.rules == expected.verdict.rules


SHAPES: dict[str, tuple[Any, list[str]]] = {
    "a list": (SEX.tolist(), ["sensitive_feature_0"]),
    "an array": (SEX, ["sensitive_feature_0"]),
    "a column": (SEX.reshape(-1, 1), ["sensitive_feature_0"]),
    "two columns": (np.stack([SEX, RACE], axis=1), ["sensitive_feature_0", "sensitive_feature_1"]),
    "a Series without a name": (pd.Series(SEX), ["sensitive_feature_0"]),
    "a Series": (pd.Series(SEX, name="sex").astype("category"), ["sex"]),
    "a DataFrame": (pd.DataFrame({"sex": SEX, "race": RACE}), ["sex", "race"]),
    "a dict": ({"sex": SEX, "race": RACE}, ["sex", "race"]),
    "a table of Arrow": (pa.table({"sex": SEX, "race": RACE}), ["sex", "race"]),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_features_have_the_names_that_fairlearn_gives(shape: str) -> None:
    """And the same groups."""
    given, names = SHAPES[shape]
    columns = named(Arrays(y_pred=PRED, sensitive_features=given))
    assert columns.roles["slices"] == names
    assert list(columns.table[names[0]]) == SEX.tolist()


def test_probabilities_of_classes_are_in_the_order_of_predict_proba() -> None:
    """The sorted classes of y_true."""
    kind = np.array(["cat", "dog", "eel"])[np.arange(N) % 3]
    sure = RANDOM.dirichlet(np.ones(3), N)
    columns = named(Arrays(y_true=kind, y_score=sure))
    assert columns.roles["scores"] == {"candidate": ("candidate_cat", "candidate_dog", "candidate_eel")}
    found = fairgate.evaluate(y_true=kind, y_score=sure)
    accuracy = np.mean(np.array(["cat", "dog", "eel"])[sure.argmax(axis=1)] == kind)
    assert found.metrics.query("metric == 'accuracy' and slice == 'overall'")["value"].item() == pytest.approx(accuracy)


KIND = np.array(["cat", "dog", "eel"])[np.arange(N) % 3]
SURE = np.random.default_rng(1).dirichlet(np.ones(3), N)
NAMED = pd.DataFrame(SURE[:, [2, 0, 1]], columns=["eel", "cat", "dog"])


@pytest.mark.parametrize("scores", [NAMED, NAMED[["cat", "dog", "eel"]], pd.DataFrame(SURE)])
def test_the_names_of_columns_are_those_of_the_classes(scores: pd.DataFrame) -> None:
    """In any order; numbers that pandas gives are no names."""
    columns = named(Arrays(y_true=KIND, y_score={"candidate": scores, "baseline": SURE}))
    assert columns.roles["scores"]["candidate"] == ("candidate_cat", "candidate_dog", "candidate_eel")
    for model in ("candidate", "baseline"):
        found = np.stack([columns.table[name] for name in columns.roles["scores"][model]], axis=1)
        np.testing.assert_array_equal(found, SURE)


def test_a_class_that_no_row_has_is_known_by_the_name_of_its_column() -> None:
    """Numbers in the order of their size, however they are written; the accuracy is that of all three."""
    label = np.array([1.0, 10.0])[np.arange(N) % 2]
    scores = pd.DataFrame(SURE, columns=[10, 2, 1])
    columns = named(Arrays(y_true=label, y_score=scores))
    assert columns.roles["scores"]["candidate"] == ("candidate_1.0", "candidate_2", "candidate_10.0")
    np.testing.assert_array_equal(columns.table["candidate_10.0"], SURE[:, 0])
    found = fairgate.evaluate(y_true=label, y_score=scores)
    accuracy = np.mean(np.array([10, 2, 1])[SURE.argmax(axis=1)] == label)
    assert found.metrics.query("metric == 'accuracy' and slice == 'overall'")["value"].item() == pytest.approx(accuracy)


LISTS = [["a", "b"], ["b"], [], None, ("a", "c")]


@pytest.mark.parametrize("lists", [LISTS, tuple(LISTS), pd.Series(LISTS)])
def test_a_row_may_have_a_list_of_groups(lists: Any) -> None:
    """Under a name; each group counts all rows that are in it."""
    decision = [1, 0, 0, 1, 1] * 20
    repeated = pd.concat([lists] * 20, ignore_index=True) if isinstance(lists, pd.Series) else lists * 20
    found = fairgate.evaluate(y_pred=decision, sensitive_features={"g": repeated})
    rates = found.metrics.query("metric == 'positive_rate'").set_index("slice")[["value", "n"]]
    assert {name: tuple(rates.loc[f"g:{name}"]) for name in "abc"} == {"a": (1, 40), "b": (0.5, 40), "c": (1, 20)}


def test_a_column_of_two_dimensions_is_one() -> None:
    """As scikit-learn takes a target of shape (N, 1)."""
    assert named(Arrays(y_true=Y.reshape(-1, 1), y_pred=PRED)).table["y_true"].tolist() == Y.tolist()


def test_columns_of_polars_are_read() -> None:
    """By their own way to Arrow."""

    class Column(list[Any]):
        """As a Series of Polars, which cannot be installed beside TFX."""

        def to_arrow(self) -> list[Any]:
            return list(self)

    assert named(Arrays(y_pred=Column(PRED.tolist()))).table == {"decision of candidate": PRED.tolist()}


SHUFFLED = pd.Series(SEX, name="sex").sample(frac=1, random_state=0)
FRAME = pd.DataFrame({"y": Y, "d": PRED, "sex": SEX}, index=np.arange(N) * 3)


@pytest.mark.parametrize(
    ("arguments", "first", "other"),
    [
        ({"y_true": pd.Series(Y), "y_pred": PRED, "sensitive_features": SHUFFLED}, "y_true", "sensitive_features"),
        (
            {"y_true": Y, "y_pred": pd.Series(PRED), "sensitive_features": {"a": SEX, "b": SHUFFLED}},
            "y_pred",
            "sensitive_features['b']",
        ),
        ({"y_true": FRAME["y"], "y_pred": pd.DataFrame(PRED)}, "y_true", "y_pred"),
        ({"y_pred": pd.Series(PRED), "sensitive_features": SHUFFLED.to_frame()}, "y_pred", "sensitive_features"),
        ({"y_score": {"candidate": FRAME["d"], "baseline": pd.Series(PRED)}}, "y_score['candidate']", "y_score['baseline']"),
        ({"y_pred": FRAME["d"], "sample_weight": pd.Series(WEIGHT)}, "y_pred", "sample_weight"),
    ],
)
def test_rows_are_not_joined_against_their_indexes(arguments: dict[str, Any], first: str, other: str) -> None:
    """Two arguments of pandas are named, and what to type."""
    remedy = f"Type {other}.loc[{first}.index] where the index says it; .* type {first}.reset_index(drop=True) and {other}.reset"
    pattern = re.escape(f"{first} and {other} have different indexes") + ".*" + re.escape(remedy).replace(re.escape(".*"), ".*")
    with pytest.raises(InputError, match=pattern):
        named(Arrays(**arguments))


def test_tables_of_arrow_have_no_index() -> None:
    """Their rows are joined by position, in every argument; probabilities by the names of their columns."""
    kind = np.array(["cat", "dog", "eel"])[np.arange(N) % 3]
    sure = RANDOM.dirichlet(np.ones(3), N)
    columns = named(
        Arrays(
            y_true=pd.Series(kind, index=np.arange(N)[::-1]),
            y_score=pa.table({name: sure[:, at] for at, name in ((1, "dog"), (0, "cat"), (2, "eel"))}),
            sample_weight=pa.table({"w": np.arange(N)}),
        )
    )
    assert columns.roles["scores"] == {"candidate": ("candidate_cat", "candidate_dog", "candidate_eel")}
    assert columns.table["candidate_dog"].tolist() == sure[:, 1].tolist()
    assert columns.table["sample_weight"].tolist() == list(range(N))


def test_equal_indexes_and_arrays_without_one_are_joined_by_position() -> None:
    """As the remedies give them."""
    aligned = SHUFFLED.loc[pd.Series(Y).index]
    for features in (aligned, SEX, SEX.tolist(), pd.Categorical(SEX), pd.Index(SEX)):
        columns = named(Arrays(y_true=pd.Series(Y), y_pred=PRED.tolist(), sensitive_features=features))
        assert list(columns.table[columns.roles["slices"][0]]) == SEX.tolist()
    columns = named(Arrays(y_true=FRAME["y"], y_pred=FRAME["d"], sensitive_features=FRAME[["sex"]]))
    assert list(columns.table["sex"]) == SEX.tolist()


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "no predictions": ({"y_true": Y}, "Give the candidate's predictions: y_pred, .* or y_score"),
    "both predictions": ({"y_true": Y, "y_pred": PRED, "y_score": SCORE}, "one of them"),
    "a shorter feature": (
        {"y_true": Y, "y_pred": PRED, "sensitive_features": {"sex": SEX[:-1]}},
        "y_true has 400 rows, and sex has 399; give one value for every row",
    ),
    "shorter predictions": ({"y_true": Y, "y_pred": PRED[1:]}, "y_true has 400 rows, and decision of candidate has 399"),
    "one label": ({"y_true": 1, "y_pred": PRED}, "y_true is a single value; give one value for every row"),
    "a cube": ({"y_true": np.zeros((2, 2, 2)), "y_pred": PRED}, r"y_true is an array of shape \(2, 2, 2\)"),
    "scores for decisions": (
        {"y_true": Y, "y_pred": SCORE},
        "y_pred of the candidate holds .*, which is a score and no decision",
    ),
    "columns for decisions": ({"y_true": Y, "y_pred": np.eye(N)[:, :2]}, "y_pred of the candidate has 2 columns"),
    "both classes": (
        {"y_true": Y, "y_score": np.stack([1 - SCORE, SCORE], axis=1)},
        r"has 2 columns; give that of the positive class alone, y_score\[:, 1\]",
    ),
    "both classes by name": (
        {"y_true": Y, "y_score": pd.DataFrame({"no": 1 - SCORE, "yes": SCORE})},
        r"give that of the positive class alone, y_score\.iloc\[:, 1\]",
    ),
    "names of other classes": (
        {"y_true": KIND, "y_score": NAMED.rename(columns={"eel": "fox"})},
        "has the columns 'fox', 'cat', 'dog', and y_true the class 'eel'; name each column by its class",
    ),
    "a class without a name": (
        {"y_true": np.array([1, 2])[Y], "y_score": pd.DataFrame(SURE)},
        r"and y_true 2 classes; .* Where y_true lacks a class, name the columns: pd.DataFrame\(y_score, columns=model.classes_\)",
    ),
    "a label that is missing": (
        {"y_true": pd.Series([None, *(np.arange(N - 1) % 3)], dtype="Int64"), "y_score": SURE},
        "1 row without a label in the column y_true, first row 1",
    ),
    "lists without a name": (
        {"y_true": Y, "y_pred": PRED, "sensitive_features": [["a"], ["a", "b"]] * (N // 2)},
        "sensitive_features holds lists of different lengths; .*: sensitive_features={'group': lists}",
    ),
    "lists of numbers": (
        {"y_true": Y, "y_pred": PRED, "sensitive_features": {"g": [[1], [1, 2]] * (N // 2)}},
        "sensitive_features 'g' holds lists of different lengths",
    ),
    "lists of labels": ({"y_true": [[1], [1, 2]], "y_pred": [1, 2]}, "y_true holds lists of different lengths"),
    "other classes": ({"y_true": Y, "y_score": np.full((N, 3), 1 / 3)}, "has 3 columns, and y_true 2 classes"),
    "two baselines": ({"y_pred": {"candidate": PRED, "baseline": PRED}, "baseline": PRED}, "The baseline is given twice"),
    "a name twice": ({"y_true": Y, "y_pred": PRED, "sensitive_features": {"y_true": SEX}}, "the name 'y_true', which is taken"),
    "a table too": (
        {"table": TABLE, "y_true": Y, "y_pred": PRED},
        r"table belongs to a table, and there are arrays \(y_true, y_pred\)",
    ),
    "slices too": ({"slices": ["sex"], "y_true": Y, "y_pred": PRED}, "slices belongs to a table"),
    "nothing": ({}, "Nothing is to be judged; give a table, a file of predictions, or y_true and y_pred or y_score"),
    "a model of another name": ({"y_true": Y, "y_pred": {"canidate": PRED}}, "did you mean 'candidate'"),
    "a regression": (
        {"y_true": Y * 3.5 + SCORE, "y_score": SCORE},
        "this looks like a regression, which fairgate does not judge",
    ),
    "a regression of decisions": ({"y_true": Y * 3.5, "y_pred": PRED * 3.5}, "this looks like a regression"),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_mistake_is_named(case: str) -> None:
    """With what to give instead."""
    arguments, message = WRONG[case]
    with pytest.raises(InputError, match=message):
        fairgate.evaluate(**arguments)


def test_a_table_of_series_with_other_indexes_is_refused() -> None:
    """They would be joined by position."""
    group = pd.Series(["a", "b"] * 50)
    table = {"y": pd.Series([0, 1] * 50), "p": pd.Series([0.1, 0.9] * 50), "g": group.iloc[::-1]}
    with pytest.raises(InputError, match=r"table\['y'\] and table\['g'\] have different indexes"):
        fairgate.evaluate(table, label="y", scores="p", slices=["g"])


def test_sparse_arrays_of_scipy_are_read() -> None:
    """As dense ones: scores, decisions and features."""
    label, scores = np.array([0, 1] * 40), np.array([0.25, 0.75, 0.0, 1.0] * 20)
    flags = np.stack([scores > 0.5, scores < 0.5], axis=1).astype(int)
    column = sparse.csr_matrix(scores[:, None])
    found = named(Arrays(label, y_score={"candidate": column}, sensitive_features=sparse.csr_matrix(flags)))
    assert found.table["score of candidate"].tolist() == scores.tolist()
    assert found.table["sensitive_feature_1"].tolist() == flags[:, 1].tolist()
    assert named(Arrays(label, column > 0.5)).table["decision of candidate"].tolist() == (scores > 0.5).tolist()


@pytest.mark.parametrize("as_given", [pd.Series, lambda cut: cut, lambda cut: {"age": cut}, lambda cut: pd.DataFrame({"a": cut})])
def test_ranges_of_pandas_are_groups(as_given: Any) -> None:
    """As `pd.cut` returns them: of a Series a Series, of an array a Categorical."""
    ages = np.where(np.arange(N) % 4 == 0, np.nan, np.arange(N) % 60)
    found = fairgate.evaluate(y_true=Y, y_pred=PRED, sensitive_features=as_given(pd.cut(ages, [-1, 20, 60])), policy=POLICY)
    sizes = {name.partition(":")[2]: metrics.n for name, metrics in found.counted.evaluation.models["candidate"].items()}
    assert sizes == {"": N, "(-1, 20]": int((ages <= 20).sum()), "(20, 60]": int((ages > 20).sum())}
