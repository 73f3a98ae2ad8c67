"""The comparison of text models: what it reads, the three rivals, and its page."""

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from benchmarks.text_models import RIVALS, HeldComments, TextResult, _weakest, page
from data.comments.names import IDENTITIES
from data.records import encode_example, write_split
from fairgate.predictions import evaluate_predictions

RESULT = TextResult(
    file="a.csv",
    seed=1,
    rows=2000,
    toxic=0.25,
    aucs={"baseline": 0.8, "candidate": 0.8, "reference": 0.75, **dict(zip(RIVALS, (0.7, 0.6, 0.6), strict=True))},
    false_positive_rate=0.125,
    false_negative_rate=0.25,
    bpsn_auc=0.75,
    bnsp_auc=math.nan,
    outcome="blessed",
    summary="Blessed.",
    remedy="No remedy needed.",
    strength=1.0,
    seconds=1.0,
)


def held(texts: list[str], labels: list[int]) -> HeldComments:
    return HeldComments([], texts, np.array(labels), {})


def test_a_split_is_read_as_it_was_converted(tmp_path: Path) -> None:
    rows = [
        encode_example({"comment_text": ["né".encode()], "toxicity": [1.0], "gender": [b"male", b"female"]}),
        encode_example({"comment_text": [b"b"], "toxicity": [0.0], "race": [b"black"]}),
    ]
    write_split(tmp_path, "eval", rows)
    comments = HeldComments.read(tmp_path, "eval")
    assert (comments.serialized, comments.texts, comments.labels.tolist()) == (rows, ["né", "b"], [1, 0])
    empty: list[tuple[str, ...]] = [(), ()]
    assert comments.identities == {
        **dict.fromkeys(IDENTITIES, empty),
        "gender": [("male", "female"), ()],
        "race": [(), ("black",)],
    }


@pytest.mark.parametrize("name", RIVALS)
def test_rivals_score_what_they_learnt_from_the_training_comments(name: str) -> None:
    train = held(["stupid man", "nice man", "stupid idea", "nice idea"] * 3, [1, 0, 1, 0] * 3)
    scores = RIVALS[name](train, held(["a stupid thing", "unheard", "a nice thing"], [1, 0, 0]))
    assert (scores.shape, str(scores.dtype)) == ((3,), "float64")
    assert scores[0] > scores[1] > scores[2]


def test_the_weakest_group_has_100_examples() -> None:
    labels = [0, 1] * 150
    scores = np.linspace(0, 1, 300)
    gender = [("male",)] * 120 + [("female",)] * 99 + [()] * 81
    evaluation = evaluate_predictions(labels, {"candidate": scores}, {"gender": gender})
    men = evaluation.models["candidate"]["gender:male"]
    assert _weakest(evaluation, "bpsn_auc") == next(value.value for key, value in men.scalars.items() if key.name == "bpsn_auc")
    assert math.isnan(_weakest(evaluate_predictions(labels, {"candidate": scores}), "bpsn_auc"))


def test_the_page_has_the_mean_over_seeds_and_a_line_for_each() -> None:
    second = replace(RESULT, seed=2, aucs={**RESULT.aucs, "candidate": 0.9})
    lines = list(page([RESULT, second, replace(RESULT, file="b.csv", rows=50_000)], ""))
    rows = [line for line in lines if line.startswith("| ") and ".csv" in line]
    assert rows[:2] == [
        "| a.csv (2,000, 0.25; 2) | 0.7500 | 0.8000 | 0.8500 | 0.7000 | 0.6000 | 0.6000 |",
        "| b.csv (50,000, 0.25; 1) | 0.7500 | 0.8000 | 0.8000 | 0.7000 | 0.6000 | 0.6000 |",
    ]
    assert rows[-3:] == [
        f"| {file} | {seed} | 0.125 | 0.250 | 0.750 | – | 1 | blessed |"
        for file, seed in (("a.csv", 1), ("a.csv", 2), ("b.csv", 1))
    ]
    assert lines[-1] == "* b.csv, seed 1: Blessed.\n  No remedy needed."


def shortfalls(result: TextResult) -> list[str]:
    lines = list(page([result], ""))
    begin, end = lines.index("\n## What falls short\n"), lines.index(next(line for line in lines if "costs is the AUC" in line))
    return [line for line in lines[begin:end] if line.startswith("* ")]


def test_a_requirement_that_is_missed_is_named() -> None:
    assert shortfalls(RESULT) == ["* Nothing."]
    assert shortfalls(replace(RESULT, false_negative_rate=0.5)) == ["* a.csv: false negative rate 0.500."]
