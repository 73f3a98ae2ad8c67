"""The exported n-gram models answer what the trained ones compute from the shards of the same texts."""

import math
from collections import Counter
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow.parquet as pq
import pytest
import tensorflow as tf
from scipy.special import expit, logit

from components.modelling import metadata
from components.modelling.linear.solver import logits
from components.modelling.signature import SIGNATURE
from components.modelling.training import CURVES
from components.tasks.base import Recipe
from components.tasks.civil_comments.config import CommentsTraining, TargetRate
from components.tasks.civil_comments.ngrams import NgramModel, train
from components.tasks.civil_comments.ngrams_trainer import classifier, feature_folder, run_fn
from data.comments.names import LABEL
from data.records import encode_example
from data.text import text_embedding
from data.text.feature_shards import read_idf, read_shards
from data.text.ngrams import WORD_BUCKETS
from fairgate.files import file_digests
from fairgate.names import VALIDATION
from tests.components.tasks.civil_comments.made import Comment, comments, serialized, write_features

ODD = [
    b"",
    b" \n",
    b"\x00",
    b"a\x00stupid\x00idiot",
    b"\xff\xfe nice \xc3",
    "é".encode() * 2001 + b" stupid",
    b"stupid people " * 400,
    "İstanbul ﬁne 😀 don’t".encode(),
    b"unheard",
]
TRAINING = comments(200)
HELD: list[Comment] = [*comments(90, seed=1), *((text, row % 2, ()) for row, text in enumerate(ODD))]
VECTORS = "stupid 1 -0.5 0\nidiot 0.75 0 0.25\nnice -1 0.5 0.125\npeople 0 0.5 0.5\n"


@pytest.fixture(scope="module")
def embedding(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The folder of a text embedding of three dimensions."""
    folder = tmp_path_factory.mktemp("embedding")
    (folder / "vectors.txt").write_text(VECTORS)
    return str(text_embedding.build_from_vectors(folder / "vectors.txt", folder / "embedding"))


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory, embedding: str) -> dict[str, Path]:
    """Features without and with vectors, by the handle of the embedding."""
    return {handle: write_features(tmp_path_factory.mktemp("work"), TRAINING, HELD, handle) for handle in ("", embedding)}


def answers(servable: Any, examples: list[bytes]) -> dict[str, npt.NDArray[np.float32]]:
    return {name: answer.numpy() for name, answer in servable.serve(tf.constant(examples, tf.string)).items()}


def expected(folder: Path, model: NgramModel, shift: float) -> npt.NDArray[np.float64]:
    """The answers for the held comments, by the weights and the shards."""
    scores: npt.NDArray[np.float64] = expit(logits(model.weights, lambda: read_shards(folder, VALIDATION)) + shift)[:, np.newaxis]
    return scores


HELD_EXAMPLES = [serialized(*row) for row in HELD]


@pytest.mark.parametrize("recipe", ["baseline", "remediated", "reference"])
@pytest.mark.parametrize("embedded", [False, True])
def test_the_exported_model_answers_as_the_trained_one(
    folders: dict[str, Path], embedding: str, recipe: Recipe, embedded: bool
) -> None:
    handle = embedding if embedded else ""
    folder = folders[handle]
    model = train(folder, CommentsTraining(embedding=handle, strength=2.0), recipe)
    assert len(model.weights.vectors) == (3 if embedded and recipe != "reference" else 0)
    found = answers(classifier(folder, model, handle), HELD_EXAMPLES)
    assert list(found) == ["score", "probability"]
    for name, shift in (("score", model.score_shift), ("probability", model.probability_shift)):
        np.testing.assert_allclose(found[name], expected(folder, model, shift), rtol=0, atol=1e-6)
        assert found[name].dtype == np.float32


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory, folders: dict[str, Path]) -> tuple[NgramModel, Path]:
    """A model with another operating point than the balanced one, and its SavedModel, which two runs of the Trainer wrote."""
    point = CommentsTraining(operating_point=TargetRate(target_fpr=0.1))
    folder = tmp_path_factory.mktemp("models")
    for name in ("model", "again"):
        arguments: Any = SimpleNamespace(
            custom_config={"recipe": "baseline", "training": point.model_dump(mode="json"), "seed": 1, "source_digest": ""},
            train_files=[str(folders[""] / "Split-train" / "*")],
            serving_model_dir=str(folder / name),
            model_run_dir=str(folder / f"{name}-run"),
        )
        run_fn(arguments)
    return train(folders[""], point, "baseline"), folder


@pytest.fixture(scope="module")
def served(trained: tuple[NgramModel, Path]) -> Any:
    """The signature of the SavedModel."""
    loaded = tf.saved_model.load(str(trained[1] / "model"))
    assert list(loaded.signatures) == [SIGNATURE]
    return loaded.signatures[SIGNATURE]


def test_the_saved_model_answers_as_the_trained_one(
    folders: dict[str, Path], trained: tuple[NgramModel, Path], served: Any
) -> None:
    answer = served(examples=tf.constant(HELD_EXAMPLES))
    model = trained[0]
    assert model.score_shift != 0
    for name, shift in (("score", model.score_shift), ("probability", model.probability_shift)):
        np.testing.assert_allclose(answer[name], expected(folders[""], model, shift), rtol=0, atol=1e-6)


@pytest.mark.parametrize("rows", [0, 1])
def test_a_batch_may_have_no_or_one_example(served: Any, rows: int) -> None:
    examples = HELD_EXAMPLES[3 : 3 + rows]
    whole = served(examples=tf.constant(HELD_EXAMPLES))
    for name, answer in served(examples=tf.constant(examples, tf.string)).items():
        assert (answer.shape, answer.dtype) == ((rows, 1), tf.float32)
        np.testing.assert_allclose(answer, whole[name][3 : 3 + rows], rtol=0, atol=1e-6)


def test_an_example_without_text_counts_as_empty(served: Any) -> None:
    examples = [encode_example({LABEL: [1.0]}), b"", serialized(b""), serialized(b"", 1, ("male",))]
    scores = served(examples=tf.constant(examples))["score"].numpy()
    assert len(set(scores.ravel().tolist())) == 1


def test_an_empty_text_gets_the_score_of_the_bias(trained: tuple[NgramModel, Path], served: Any) -> None:
    model = trained[0]
    score = served(examples=tf.constant([serialized(b"")]))["score"].numpy().item()
    assert score == pytest.approx(expit(model.weights.bias + model.score_shift), abs=1e-7)


def test_probability_is_the_score_shifted_by_operating_point_and_prevalence(
    trained: tuple[NgramModel, Path], served: Any
) -> None:
    """The two outputs rank alike, and differ by a constant on the logit."""
    prevalence = np.mean([label for _, label, _ in TRAINING])
    answer = {name: logit(value.numpy().astype(float)) for name, value in served(examples=tf.constant(HELD_EXAMPLES)).items()}
    shift = np.log(prevalence / (1 - prevalence)) - trained[0].score_shift
    np.testing.assert_allclose(answer["probability"] - answer["score"], shift, atol=1e-5)


def test_the_saved_model_says_what_the_trained_one_does(trained: tuple[NgramModel, Path]) -> None:
    model, folder = trained
    assert metadata.read(folder / "model") == model.metadata


def test_two_trainings_give_the_same_bytes_of_weights(trained: tuple[NgramModel, Path]) -> None:
    """saved_model.pb differs within a process alone, by the numbers in TensorFlow's names of functions."""
    one, other = (file_digests(trained[1] / name) for name in ("model", "again"))
    equal = {name for name in one if one[name] == other[name]}
    assert equal >= {"variables/variables.index", "variables/variables.data-00000-of-00001", "model.json"}
    assert {name.partition("/")[0] for name in one.keys() - equal} <= {"saved_model.pb", "fingerprint.pb"}


def test_the_curve_has_the_training_loss_of_every_step(trained: tuple[NgramModel, Path]) -> None:
    curves = pq.read_table(trained[1] / "model-run" / CURVES).to_pydict()
    assert curves["step"] == list(range(1, len(curves["step"]) + 1))
    assert (set(curves["split"]), set(curves["metric"])) == ({"train"}, {"loss"})
    assert curves["value"][-1] < curves["value"][0]


def test_features_lie_above_the_folder_of_their_split() -> None:
    assert feature_folder(["/run/features/7/Split-train/*"]) == Path("/run/features/7")


@pytest.mark.parametrize("embedded", [False, True])
def test_shares_of_tokens_and_the_rest_sum_to_the_logit(folders: dict[str, Path], embedding: str, embedded: bool) -> None:
    """Of every text, odd ones too, against the weights and the shards."""
    handle = embedding if embedded else ""
    model = train(folders[handle], CommentsTraining(embedding=handle), "baseline")
    servable = classifier(folders[handle], model, handle)
    found = {name: value.numpy() for name, value in servable.explain(tf.constant([text for text, *_ in HELD])).items()}
    sums = found["rest"] + np.bincount(found["rows"], found["shares"], minlength=len(HELD))
    wanted = logits(model.weights, lambda: read_shards(folders[handle], VALIDATION)) + model.score_shift
    np.testing.assert_allclose(sums, wanted, rtol=0, atol=1e-6)


def test_shares_of_tokens_are_those_of_the_n_grams_they_stand_in(
    folders: dict[str, Path], trained: tuple[NgramModel, Path]
) -> None:
    """Enumerated: each occurrence has an equal part, a 2-gram gives half to each token, characters go to their token."""
    model, folder = trained
    text = "stupid people say stupid"
    loaded = tf.saved_model.load(str(folder / "model"))
    found = loaded.explain(tf.constant([text]))
    tokens = text.split()
    assert [token.decode() for token in found["tokens"].numpy()] == tokens
    pairs = [f"{one} {other}" for one, other in pairwise(tokens)]
    cut = [[f" {token} "[start : start + 4] for start in range(len(token) - 1)] for token in tokens]
    idf = np.split(read_idf(folders[""]), [WORD_BUCKETS])
    shares = np.zeros(4)
    words = [(gram, [place]) for place, gram in enumerate(tokens)]
    words += [(gram, [place, place + 1]) for place, gram in enumerate(pairs)]
    characters = [(gram, [place]) for place, of_token in enumerate(cut) for gram in of_token]
    for grams, known, weights in ((words, idf[0], model.weights.words), (characters, idf[1], model.weights.characters)):
        buckets = [int(tf.strings.to_hash_bucket_fast(gram, len(weights))) for gram, _ in grams]
        counts = Counter(buckets)
        values = {bucket: (1 + math.log(count)) * known[bucket] for bucket, count in counts.items()}
        norm = math.sqrt(sum(value**2 for value in values.values()))
        for bucket, (_, places) in zip(buckets, grams, strict=True):
            for place in places:
                shares[place] += values[bucket] / norm * weights[bucket] / counts[bucket] / len(places)
    np.testing.assert_allclose(found["shares"], shares, atol=1e-7)
    assert abs(shares[0]) > 0.01


def test_tokens_of_the_training_split_are_known(trained: tuple[NgramModel, Path]) -> None:
    loaded = tf.saved_model.load(str(trained[1] / "model"))
    found = loaded.explain(tf.constant(["stupid unheard", "", "nice"]))
    assert found["known"].numpy().tolist() == [True, False, True]
    assert found["rows"].numpy().tolist() == [0, 0, 2]
