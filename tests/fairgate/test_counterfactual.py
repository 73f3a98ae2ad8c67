"""counterfactual.json."""

import json
from pathlib import Path

import pytest

from fairgate import counterfactual
from fairgate.counterfactual import CounterfactualResults, FlipRate, ScoreShift, TermPair, TermResult
from fairgate.errors import InputError

RESULTS = CounterfactualResults(
    confidence=0.95,
    seed=3,
    mentioned={"gender:male": 2},
    left_out={"gender:male": 1},
    invalid_scores={"candidate": 0},
    terms=(
        TermResult(
            test="swaps",
            model="candidate",
            group="gender",
            term="male",
            n=1,
            flips=(FlipRate(threshold=0.5, value=0.0, low=0.0, high=0.79),),
            shift=ScoreShift(value=0.1, standard_error=float("nan"), low=float("nan"), high=float("nan")),
        ),
    ),
    embedding=(
        TermPair(
            group="gender", term="male", other="female", n=2, distance=0.2, low=0.1, high=0.3, effect_size=0.5, p_value=0.04
        ),
    ),
)


def test_results_read_back_equal(tmp_path: Path) -> None:
    """What is undefined is null."""
    counterfactual.write(RESULTS, tmp_path / "counterfactual.json")
    assert counterfactual.read(tmp_path / "counterfactual.json") == RESULTS
    written = json.loads((tmp_path / "counterfactual.json").read_text())
    assert written["schema_version"] == 1
    assert written["terms"][0]["shift"] == {"value": 0.1, "standard_error": None, "low": None, "high": None}


def test_a_term_is_called_by_test_group_and_term() -> None:
    """As in rules."""
    assert RESULTS.terms[0].slice == "swaps:gender:male"


@pytest.mark.parametrize(
    ("content", "reason"),
    [(None, "Cannot read"), ("{}", "version 1: confidence"), ("{", "the file"), ('{"schema_version": 2}', "schema_version")],
)
def test_what_is_no_result_is_named(content: str | None, reason: str, tmp_path: Path) -> None:
    """Absent, empty, cut off, or of another version."""
    path = tmp_path / "counterfactual.json"
    if content is not None:
        path.write_text(content)
    with pytest.raises(InputError, match=reason):
        counterfactual.read(path)
