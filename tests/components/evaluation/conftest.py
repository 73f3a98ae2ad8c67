"""Examples and models small enough to compare the counting path with stock TFMA, example by example."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

IDENTITIES = {
    "gender": ("male", "female", "transgender", "other_gender"),
    "religion": ("christian", "jewish", "muslim"),
    "race": ("black", "white", "asian"),
}


@dataclass(frozen=True)
class Comments:
    """Generated comments, as arrays: the twin of the files."""

    latent: npt.NDArray[Any]  # float64[N], the number that the text starts with
    labels: npt.NDArray[Any]  # int64[N]
    weights: npt.NDArray[Any]  # float64[N]
    groups: dict[str, list[tuple[str, ...]]]

    def mask(self, feature: str, value: str) -> npt.NDArray[Any]:
        """bool[N]: which comments mention the identity."""
        return np.array([value in values for values in self.groups[feature]])


def make_comments(rows: int, seed: int) -> Comments:
    """Comments whose latent score depends on the label; identities overlap, some never occur together."""
    generator = np.random.default_rng(seed)
    labels = (generator.random(rows) < 0.3).astype(np.int64)
    latent = np.clip(generator.beta(2, 5, rows) + 0.25 * labels + generator.normal(0, 0.05, rows), 0.001, 0.999).round(4)
    groups = {
        name: [tuple(value for value in values if generator.random() < 0.12) for _ in range(rows)]
        for name, values in IDENTITIES.items()
    }
    return Comments(latent, labels, generator.choice([0.5, 1.0, 2.25], rows), groups)


def write_comments(comments: Comments, path: Path) -> None:
    """The comments as canonical tf.Examples in a gzipped TFRecord."""
    import tensorflow as tf

    def strings(values: Sequence[str]) -> Any:
        return tf.train.Feature(bytes_list=tf.train.BytesList(value=[value.encode() for value in values]))

    def number(value: float) -> Any:
        return tf.train.Feature(float_list=tf.train.FloatList(value=[value]))

    with tf.io.TFRecordWriter(str(path), "GZIP") as writer:
        for row, (latent, label, weight) in enumerate(zip(comments.latent, comments.labels, comments.weights, strict=True)):
            feature = {"comment_text": strings([f"{latent:.4f} words"]), "toxicity": number(label), "weight": number(weight)}
            feature |= {name: strings(values[row]) for name, values in comments.groups.items()}
            writer.write(tf.train.Example(features=tf.train.Features(feature=feature)).SerializeToString())


def baseline_score(latent: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """float32[N]: one decimal, so that many scores equal a threshold."""
    tenths: npt.NDArray[Any] = np.round(latent.astype(np.float32) * np.float32(10))
    return tenths / np.float32(10)


def candidate_score(latent: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """float32[N]: smooth."""
    return np.square(latent.astype(np.float32))


def save_model(score: Callable[[Any], Any], path: Path) -> None:
    """A SavedModel with the project's signature whose score is a function of the number that a text starts with."""
    import tensorflow as tf

    class Model(tf.Module):
        @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="examples")])
        def serve(self, examples: Any) -> Any:
            text = tf.io.parse_example(examples, {"comment_text": tf.io.FixedLenFeature([], tf.string)})["comment_text"]
            return {"score": score(tf.strings.to_number(tf.strings.substr(text, 0, 6)))[:, None]}

    model = Model()
    tf.saved_model.save(model, str(path), signatures={"serving_default": model.serve})


@pytest.fixture(scope="session")
def comment_models(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Two SavedModels, by model name."""
    import tensorflow as tf

    folder = tmp_path_factory.mktemp("models")
    save_model(lambda latent: tf.round(latent * 10) / 10, folder / "baseline")
    save_model(tf.square, folder / "candidate")
    return {name: folder / name for name in ("candidate", "baseline")}
