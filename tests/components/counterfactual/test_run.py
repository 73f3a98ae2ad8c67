"""The counterfactual test on a model that answers higher to one word."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from components.counterfactual.measure import DecisionSettings
from components.counterfactual.plan import CounterfactualPlan
from components.counterfactual.run import run, score, texts
from components.counterfactual.terms import Group
from components.steps.counterfactual_settings import CounterfactualSettings
from components.steps.counterfactual_test import examine_embedding
from data.records import encode_example, write_split

FORMS = {"adjective": {"male": "male", "female": "female"}, "noun": {"male": "man", "female": "woman"}}
DECISIONS = DecisionSettings((0.5,), 0.95)
PLAN = CounterfactualPlan(
    text_feature="words",
    groups={"gender": Group(forms=FORMS)},
    neutral=("I am a {term} person.",),
    rude=("You fool, said the {term} nurse.",),
    pleasant=("good",),
    unpleasant=("bad",),
    sentences={"main": ("a man", "a woman")},
)
COMMENTS = ["a man", "two men and a woman", "nobody", "the man", "the woman"]


def embed(training: Mapping[str, Any], sentences: Sequence[str]) -> Any:
    """Bad and female sentences point one way, good and male ones another; other words are not known."""
    words = [set(text.lower().split()) for text in sentences]
    return np.array([[bool(of_text & {training["bad"], "female"}), bool(of_text & {"good", "male"})] for of_text in words], float)


def settings(**values: Any) -> CounterfactualSettings:
    """Of a run at one threshold."""
    given = {"thresholds": (0.5,), "confidence": 0.95, "seed": 1, "embed": "", "training": {}, "source_digest": ""}
    return CounterfactualSettings(plan=PLAN, **{**given, **values})


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SavedModel that answers 0.75 to texts about women and 0.25 to all others."""
    module = tf.Module()

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="examples")])
    def serve(examples: Any) -> Any:
        words = tf.io.parse_example(examples, {"words": tf.io.FixedLenFeature([], tf.string)})["words"]
        return {"score": tf.where(tf.strings.regex_full_match(words, ".*(woman|female).*"), 0.75, 0.25)[:, None]}

    folder = tmp_path_factory.mktemp("model")
    tf.saved_model.save(module, str(folder), signatures={"serving_default": serve})
    return folder


def test_what_the_model_owes_to_a_term_is_found(model: Path) -> None:
    """Each comment on one sex flips, the one on both does not; both templates differ from their mean by a quarter."""
    found = run(PLAN, DECISIONS, 1, COMMENTS, {"candidate": model})
    assert found.mentioned == {"gender:male": 2, "gender:female": 2}
    assert found.left_out == {"gender:male": 0, "gender:female": 0}
    assert found.invalid_scores == {"candidate": 0}
    assert [(term.slice, term.n, term.flips[0].value, term.shift.value) for term in found.terms] == [
        ("swaps:gender:male", 2, 1.0, -0.5),
        ("swaps:gender:female", 2, 1.0, 0.5),
        ("probes:gender:male", 2, 0.0, -0.25),
        ("probes:gender:female", 2, 1.0, 0.25),
    ]
    assert found.embedding == ()
    assert [(line.set, line.text, line.model, line.score) for line in found.sentences] == [
        ("main", "a man", "candidate", 0.25),
        ("main", "a woman", "candidate", 0.75),
    ]


def test_both_models_are_measured_on_the_same_swaps(model: Path) -> None:
    """By name, baseline and candidate alike."""
    found = run(PLAN, DECISIONS, 1, COMMENTS, {"baseline": model, "candidate": model})
    baseline, candidate = ([term for term in found.terms if term.model == name] for name in ("baseline", "candidate"))
    assert [term.model_copy(update={"model": "candidate"}) for term in baseline] == candidate


def test_embedding_is_examined_without_the_models() -> None:
    """By the function that the settings name, with their training configuration; female sentences lie with the bad one."""
    (pair,) = examine_embedding(settings(embed=f"{__name__}.embed", training={"bad": "bad"}))
    assert (pair.group, pair.term, pair.other, pair.n, pair.distance) == ("gender", "male", "female", 1, 1.0)
    assert pair.effect_size == pytest.approx(2**0.5)
    assert run(PLAN, DECISIONS, 1, [], {}, [pair]).embedding == (pair,)
    assert examine_embedding(settings()) == []


def test_texts_are_those_of_the_eval_split(tmp_path: Path) -> None:
    """Bytes that are no UTF-8 are replaced."""
    write_split(tmp_path, "eval", (encode_example({"words": [text]}) for text in (b"one", b"two \xff")))
    assert list(texts(str(tmp_path), "words")) == ["one", "two \ufffd"]


def test_a_sentence_is_asked_once(model: Path) -> None:
    """However often it occurs; none at all is no question."""
    assert score(model, "words", ["woman", "man", "woman"]) == {"woman": 0.75, "man": 0.25}
    assert score(model, "words", []) == {}
