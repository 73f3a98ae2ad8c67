"""Edited examples and unknown words of a report, with a model that scores words by a table."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import tensorflow as tf

from components.counterfactual.plan import CounterfactualPlan
from components.counterfactual.swap import Swapper
from components.counterfactual.terms import Group
from components.reporting.edits import CHANGED, WRONG, EditSettings, choose, edit_tables, edits_of
from components.reporting.vocabulary import vocabulary
from data.records import encode_example, write_split
from fairgate.report.examples import MAX_TEXT
from tests.components.modelling.test_text_model import save

PLAN = CounterfactualPlan(
    text_feature="words",
    groups={"tone": Group(forms={"adjective": {"stupid": "stupid", "nice": "nice"}})},
)
SWAPPERS = {name: Swapper(group) for name, group in PLAN.groups.items()}


def examples(rows: list[tuple[str, str, float, float]]) -> pd.DataFrame:
    """Text, label, score of the baseline, score of the candidate."""
    return pd.DataFrame(rows, columns=["text", "label", "baseline", "candidate"])


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Logit 0.25, stupid 2, nice -1, people 0.5."""
    return str(save(tmp_path_factory.mktemp("model"), tf.Module()))


def test_the_most_changed_are_chosen_then_the_most_wrong_harmless_ones() -> None:
    """Each text once, five of a reason; those that name no term or are cut in the report are left out."""
    rows = [
        ("no term", "harmless", 0.0, 1.0),
        ("nice " * MAX_TEXT, "harmless", 0.0, 1.0),
        *((f"nice {number}", "toxic", 0.5, 0.9 - number / 10) for number in range(4)),
        ("nice and wrong", "harmless", 0.8, 0.8),
        ("nice and wrong", "harmless", 0.8, 0.8),
        ("nice and right", "harmless", 0.1, 0.1),
        *((f"stupid {number}", "harmless", 0.3, 0.3) for number in range(6)),
    ]
    found = choose(examples(rows), SWAPPERS, "harmless")
    changed = ["nice 0", "nice 1", "nice 2", "nice 3"]
    assert found["text"].tolist()[:4] == changed
    assert found["reason"].tolist() == [CHANGED] * 5 + [WRONG] * 5
    assert found["text"].tolist()[4:6] == ["nice and wrong", "stupid 0"]
    assert found["text"].is_unique


def test_edits_of_a_text_are_each_made_once() -> None:
    """The text itself, without each term, with another in its place; both exchanges of two terms are one text."""
    assert [(edit.kind, edit.term, edit.other, edit.text) for edit in edits_of("a nice, stupid man", SWAPPERS)] == [
        ("original", "", "", "a nice, stupid man"),
        ("removed", "stupid", "", "a nice, man"),
        ("removed", "nice", "", "a, stupid man"),
        ("swapped", "stupid", "nice", "a stupid, nice man"),
    ]


def test_edits_are_scored_by_both_models_and_explained(model: str) -> None:
    """Beside the nearest example that the candidate decides otherwise."""
    rows = [("nice people", "harmless", 0.5, 0.4), ("stupid people", "toxic", 0.9, 0.9), ("people", "toxic", 0.6, 0.6)]
    found = edit_tables(examples(rows), {"baseline": model, "candidate": model}, EditSettings(PLAN, "harmless", 0.5))
    edits = found["edits"].query("example == 0")
    logits = {"nice people": -0.25, "people": 0.75, "stupid people": 2.75}
    assert edits["text"].tolist() == list(logits)
    np.testing.assert_allclose(edits["candidate"], 1 / (1 + np.exp(-np.array(list(logits.values())))), atol=1e-6)
    assert edits["baseline"].tolist() == edits["candidate"].tolist()
    shares = found["word_shares"].query("example == 0 and model == 'candidate'")
    assert shares["word"].tolist() == ["", "nice", "people"]
    assert shares["share"].tolist() == pytest.approx([0.25, -1, 0.5], abs=1e-5)
    nearest = found["nearest"].query("example == 0")
    assert nearest[["text", "label", "candidate", "n"]].values.tolist() == [["people", "toxic", 0.6, 3]]


def test_without_a_term_nothing_is_edited(model: str) -> None:
    found = edit_tables(examples([("people", "toxic", 0.6, 0.6)]), {"candidate": model}, EditSettings(PLAN, "harmless", 0.5))
    assert found == {}


def test_unknown_words_are_counted_by_split(model: str, tmp_path: Path) -> None:
    """A text without words takes no part."""
    for split, texts in (("train", ["nice people", "nice"]), ("eval", ["nice morning", "good morning", "…"])):
        write_split(tmp_path, split, [encode_example({"words": [text.encode()]}) for text in texts])
    found = vocabulary(str(tmp_path), model, "words")
    assert found is not None
    assert {row["split"]: (row["n"], row["unknown"], row["half"], row["none"]) for row in found.to_dict("records")} == {
        "train": (2, 0, 0, 0),
        "eval": (2, 0.75, 2, 1),
    }


def test_unknown_words_of_a_model_that_cannot_tell_are_no_number(tmp_path: Path) -> None:
    write_split(tmp_path / "examples", "eval", [encode_example({"words": [b"nice"]})])
    hashing = save(tmp_path / "model", tf.Module(), unknown=0.5)
    assert vocabulary(str(tmp_path / "examples"), str(hashing), "words") is None
