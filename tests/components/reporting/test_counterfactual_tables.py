"""The counterfactual test's results as tables of a report."""

import math
from pathlib import Path

from components.reporting.tables import counterfactual_tables
from fairgate import counterfactual
from fairgate.counterfactual import CounterfactualResults, FlipRate, ScoreShift, SentenceScore, TermPair, TermResult

TERM = TermResult(
    test="swaps",
    model="candidate",
    group="gender",
    term="male",
    n=1,
    flips=(FlipRate(threshold=0.3, value=0.0, low=0.0, high=0.8), FlipRate(threshold=0.5, value=1.0, low=0.2, high=1.0)),
    shift=ScoreShift(value=0.1, standard_error=None, low=None, high=None),
)
PAIR = TermPair(
    group="gender", term="male", other="female", n=20, distance=0.2, low=0.1, high=0.3, effect_size=None, p_value=0.04
)


def written(folder: Path, *pairs: TermPair) -> str:
    """An artifact with one term and these pairs."""
    found = CounterfactualResults(
        confidence=0.95, seed=1, mentioned={}, left_out={}, invalid_scores={}, terms=(TERM,), embedding=pairs
    )
    counterfactual.write(found, folder / counterfactual.FILE)
    return str(folder)


def test_a_row_per_term_model_and_threshold(tmp_path: Path) -> None:
    """The shift, which has no threshold, stands in each; what is undefined is NaN."""
    table = counterfactual_tables(written(tmp_path))["counterfactual"]
    assert table[["test", "group", "term", "model"]].drop_duplicates().to_numpy().tolist() == [
        ["swaps", "gender", "male", "candidate"]
    ]
    columns = ["n", "threshold", "value", "low", "high", "score_shift"]
    assert table[columns].to_numpy().tolist() == [[1, 0.3, 0, 0, 0.8, 0.1], [1, 0.5, 1, 0.2, 1, 0.1]]
    assert table[["shift_low", "shift_high"]].isna().all(axis=None)


def test_a_row_per_pair_of_terms(tmp_path: Path) -> None:
    """As the file has them."""
    (row,) = counterfactual_tables(written(tmp_path, PAIR))["embedding_bias"].to_dict("records")
    assert math.isnan(row.pop("effect_size"))
    assert row == {**PAIR.model_dump(exclude={"effect_size"}), "unknown": ""}


def test_a_pair_of_unknown_words_has_their_names_and_no_number(tmp_path: Path) -> None:
    numbers = dict.fromkeys(("distance", "low", "high", "p_value"), None)
    unmeasured = PAIR.model_copy(update={"unknown": ("male", "female"), **numbers})
    (row,) = counterfactual_tables(written(tmp_path, unmeasured))["embedding_bias"].to_dict("records")
    assert row["unknown"] == "male, female"
    assert all(math.isnan(row[name]) for name in numbers)


def test_a_row_per_sentence_and_model(tmp_path: Path) -> None:
    """A share that the model cannot tell is NaN."""
    line = SentenceScore(set="I am", text="I am gay", model="candidate", score=0.75)
    results = counterfactual.read(Path(written(tmp_path), counterfactual.FILE)).model_copy(update={"sentences": (line,)})
    counterfactual.write(results, tmp_path / counterfactual.FILE)
    (row,) = counterfactual_tables(str(tmp_path))["sentences"].to_dict("records")
    assert math.isnan(row.pop("unknown_words"))
    assert row == {"set": "I am", "text": "I am gay", "model": "candidate", "score": 0.75}


def test_an_embedding_that_was_not_examined_has_no_table(tmp_path: Path) -> None:
    """The section then has none either."""
    assert set(counterfactual_tables(written(tmp_path))) == {"counterfactual"}
