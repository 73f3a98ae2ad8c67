from dataclasses import replace

import numpy as np
import pytest

from components.modelling.linear.calibration import balanced_weights, platt
from components.modelling.linear.folds import out_of_fold
from components.modelling.linear.rows import Rows, read_rows
from components.remedies.identity_weights import ChosenStrength, choose_strength, fpr_ratios, raised_weights
from tests.components.modelling.linear.made import examples

GROUPS = ("gender:male",)
UNFAIR = examples(1500, prevalence=0.4, group_share=0.4, group_effect=3.0)  # mentions are mostly toxic
FAIR = examples(1500, prevalence=0.4, group_share=0.4)


def rows_of(labels: list[int], groups: list[int]) -> Rows:
    return Rows(np.array(labels, np.uint8), np.array(groups, np.uint64), np.zeros(len(labels), np.uint8))


def choose(limit: float, strengths: tuple[float, ...] = (1, 2, 4, 8)) -> ChosenStrength:
    return choose_strength(UNFAIR.shards(1500), GROUPS, limit, strengths=strengths)


@pytest.fixture(scope="module")
def missed() -> ChosenStrength:
    """All strengths tried, against a limit that none keeps."""
    return choose(0.01)


def test_harmless_rows_with_a_group_weigh_more() -> None:
    rows = rows_of([1, 1, 0, 0, 0, 0], [0, 1, 0, 1, 6, 0])
    assert raised_weights(rows, 4).tolist() == (balanced_weights(rows.labels) * [1, 1, 1, 4, 4, 1]).tolist()
    assert raised_weights(rows, 4).dtype == np.float32


def test_strength_one_is_the_balanced_weights() -> None:
    rows = rows_of([1, 0, 0], [1, 1, 0])
    assert raised_weights(rows, 1).tobytes() == balanced_weights(rows.labels).tobytes()


def ratios(group_calls: int, rest_calls: int, group: int = 100, rest: int = 200) -> dict[str, float]:
    """The ratios of one group with so many false positives, beside toxic rows that are all called toxic."""
    rows = rows_of([0] * (group + rest) + [1] * 50, [1] * group + [0] * rest + [1] * 50)
    called = np.concatenate([np.arange(group) < group_calls, np.arange(rest) < rest_calls, np.ones(50)])
    return fpr_ratios(np.where(called, 0.1, 0.0), rows, GROUPS)


@pytest.mark.parametrize(
    ("group_calls", "rest_calls", "ratio"), [(30, 20, 3.0), (0, 20, 0.0), (0, 0, 1.0), (1, 0, float("inf")), (50, 1, 100.0)]
)
def test_the_ratio_compares_the_harmless_rows_of_a_group_with_all_others(group_calls: int, rest_calls: int, ratio: float) -> None:
    assert ratios(group_calls, rest_calls) == {"gender:male": pytest.approx(ratio)}


@pytest.mark.parametrize(("group", "rest"), [(99, 200), (200, 99)])
def test_a_group_with_less_than_100_harmless_rows_on_either_side_is_left_out(group: int, rest: int) -> None:
    assert ratios(10, 10, group, rest) == {}


def test_each_bit_is_a_group_of_its_own() -> None:
    rows = rows_of([0] * 400, [1] * 100 + [3] * 100 + [1 << 63] * 100 + [0] * 100)
    logits = np.repeat([1.0, 1, 0, 0], 100)
    names = [f"g{bit}" for bit in range(64)]
    assert fpr_ratios(logits, rows, names) == {"g0": float("inf"), "g1": pytest.approx(3.0), "g63": 0.0}


def test_a_greater_strength_reduces_the_ratio(missed: ChosenStrength) -> None:
    found = list(missed.worst_ratios.values())
    assert list(missed.worst_ratios) == [1, 2, 4, 8]
    assert found == sorted(found, reverse=True)
    assert found[0] > 1.5 * found[2]


def test_the_least_strength_that_keeps_the_limit_is_chosen(missed: ChosenStrength) -> None:
    found = choose(missed.worst_ratios[4] + 0.001)
    assert (found.strength, found.remedy.strength, found.remedy.reached) == (4, 4, True)
    assert list(found.worst_ratios) == [1, 2, 4]
    assert "weigh 4 times as much" in found.remedy.sentence
    assert "(1, 2, 4)" in found.remedy.sentence
    assert (
        f"gender:male has the greatest ratio of a group's false positive rate to that of all others, {found.worst_ratios[4]:.2f}."
        in (found.remedy.sentence)
    )


def test_no_strength_that_keeps_the_limit_is_a_miss_of_the_best(missed: ChosenStrength) -> None:
    assert (missed.strength, missed.remedy.reached) == (8, False)
    assert "None of the strengths tried (1, 2, 4, 8) keeps the limit of 0.01" in missed.remedy.sentence
    assert f"{missed.worst_ratios[8]:.2f}" in missed.remedy.sentence


def test_a_baseline_that_keeps_the_limit_needs_no_remedy() -> None:
    found = choose_strength(FAIR.shards(1500), GROUPS, 1.3)
    assert (found.strength, found.remedy.reached, list(found.worst_ratios)) == (1, True, [1])
    assert found.remedy.sentence.startswith("No remedy needed: out of fold the baseline keeps the limit of 1.3: gender:male has")


def test_the_logits_of_the_baseline_are_those_of_balanced_weights(missed: ChosenStrength) -> None:
    expected = out_of_fold(UNFAIR.shards(1500), balanced_weights(UNFAIR.labels))
    assert missed.baseline_logits is not None
    assert missed.baseline_logits.tobytes() == expected.tobytes()


def test_the_logits_are_those_of_the_chosen_strength(missed: ChosenStrength) -> None:
    rows = read_rows(UNFAIR.shards())
    calibrated = platt(missed.logits, rows.labels)(missed.logits)
    assert fpr_ratios(calibrated, rows, GROUPS)["gender:male"] == missed.worst_ratios[8]


@pytest.mark.parametrize(("limit", "reached", "verb"), [(0.01, False, "misses"), (100.0, True, "keeps")])
def test_a_single_strength_is_taken_as_configured(limit: float, reached: bool, verb: str) -> None:
    found = choose(limit, strengths=(2,))
    assert (found.strength, found.remedy.reached, found.baseline_logits) == (2, reached, None)
    assert f"weigh 2 times as much in training, as configured, which {verb} the limit of {limit:g}" in found.remedy.sentence


def test_a_configured_strength_of_one_is_said_in_words() -> None:
    sentence = choose(0.01, strengths=(1,)).remedy.sentence
    assert sentence.startswith(
        "Harmless comments that mention an identity weigh no more than others in training, as configured, which"
    )


def test_without_a_group_of_100_harmless_rows_nothing_is_chosen() -> None:
    few = replace(UNFAIR, groups=np.where(np.arange(1500) < 90, 1, 0).astype(np.uint64))
    found = choose_strength(few.shards(1500), GROUPS, 1.25)
    assert (found.strength, found.remedy.reached, found.worst_ratios) == (1, None, {})
    assert found.remedy.sentence == (
        "No remedy was chosen: no group has 100 harmless comments in train, too few to compare false positive rates."
    )


def test_without_a_group_a_configured_strength_is_named() -> None:
    none = replace(UNFAIR, groups=np.zeros(1500, np.uint64))
    found = choose_strength(none.shards(1500), GROUPS, 1.25, strengths=(4,))
    assert (found.strength, found.remedy.reached) == (4, None)
    assert "weigh 4 times as much in training, as configured; no group has 100" in found.remedy.sentence


def test_false_positives_of_a_group_alone_are_said_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("components.remedies.identity_weights.fpr_ratios", lambda *_: {"gender:male": float("inf")})
    found = choose(1.25, strengths=(1, 2))
    assert (found.strength, found.remedy.reached) == (1, False)
    assert "gender:male has false positives and all other comments have none" in found.remedy.sentence


def test_the_ratio_is_that_at_the_operating_point() -> None:
    """The same model, whose 0.5 lies where 2 % of the harmless comments are called toxic."""
    found = choose_strength(UNFAIR.shards(1500), GROUPS, 0.01, strengths=(2,), operating_point=0.02)
    rows = read_rows(UNFAIR.shards(1500))
    calibrated = platt(found.logits, rows.labels)(found.logits)
    threshold = np.sort(calibrated[rows.labels == 0])[::-1][int(0.02 * (rows.labels == 0).sum())]
    expected = fpr_ratios(np.where(calibrated > threshold, 1.0, -1.0), rows, GROUPS)
    assert found.worst_ratios == {2: expected["gender:male"]}
    assert found.worst_ratios != choose(0.01, strengths=(2,)).worst_ratios
