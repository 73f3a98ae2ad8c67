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
    labels: npt.NDArray[Any]  # int64[N], 0 or 1
    weights: npt.NDArray[Any]  # float64[N]
    groups: dict[str, list[tuple[str, ...]]]

    @property
    def thirds(self) -> npt.NDArray[Any]:
        """int64[N]: a label of three classes."""
        thirds: npt.NDArray[Any] = np.minimum((self.latent * 3).astype(np.int64) + self.labels, 2)
        return thirds

    def mask(self, feature: str, value: str) -> npt.NDArray[Any]:
        """bool[N]: which comments mention the identity."""
        return np.array([value in values for values in self.groups[feature]])


def _make_comments(rows: int, seed: int) -> Comments:
    """Comments whose latent score depends on the label; identities overlap, some never occur together."""
    generator = np.random.default_rng(seed)
    labels = (generator.random(rows) < 0.3).astype(np.int64)
    latent = np.clip(generator.beta(2, 5, rows) + 0.25 * labels + generator.normal(0, 0.05, rows), 0.001, 0.999).round(4)
    groups = {
        name: [tuple(value for value in values if generator.random() < 0.12) for _ in range(rows)]
        for name, values in IDENTITIES.items()
    }
    return Comments(latent, labels, generator.choice([0.5, 1.0, 2.25], rows), groups)


def _write_comments(comments: Comments, path: Path) -> None:
    """The comments as canonical tf.Examples in a gzipped TFRecord."""
    import tensorflow as tf

    def strings(values: Sequence[str]) -> Any:
        return tf.train.Feature(bytes_list=tf.train.BytesList(value=[value.encode() for value in values]))

    def number(value: float) -> Any:
        return tf.train.Feature(float_list=tf.train.FloatList(value=[value]))

    with tf.io.TFRecordWriter(str(path), "GZIP") as writer:
        for row, (latent, label, weight) in enumerate(zip(comments.latent, comments.labels, comments.weights, strict=True)):
            feature = {"comment_text": strings([f"{latent:.4f} words"]), "toxicity": number(label), "weight": number(weight)}
            feature["third"] = tf.train.Feature(int64_list=tf.train.Int64List(value=[comments.thirds[row]]))
            feature |= {name: strings(values[row]) for name, values in comments.groups.items()}
            writer.write(tf.train.Example(features=tf.train.Features(feature=feature)).SerializeToString())


def _save_model(answer: Callable[[Any], Any], path: Path, output: str = "score") -> None:
    """A SavedModel with the project's signature that answers a function of the number that a text starts with."""
    import tensorflow as tf

    class Model(tf.Module):
        @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="examples")])
        def serve(self, examples: Any) -> Any:
            text = tf.io.parse_example(examples, {"comment_text": tf.io.FixedLenFeature([], tf.string)})["comment_text"]
            return {output: answer(tf.strings.to_number(tf.strings.substr(text, 0, 6)))}

    model = Model()
    tf.saved_model.save(model, str(path), signatures={"serving_default": model.serve})


def _class_probabilities(sharpness: float) -> Callable[[Any], Any]:
    """Latent float32[N] -> float32[N, 3]: the nearer the latent score to 0, a half or 1, the likelier the class."""

    def answer(latent: Any) -> Any:
        import tensorflow as tf

        return tf.nn.softmax(-sharpness * tf.abs(latent[:, None] - tf.constant([[0.0, 0.5, 1.0]])))

    return answer


IN_MEMORY = ("--direct_running_mode=in_memory", "--direct_num_workers=1")


def _evaluate(
    examples: Path,
    models: dict[str, Path],
    config: Any,
    output: Path,
    counting: bool = True,
    beam_args: Sequence[str] = IN_MEMORY,
) -> Path:
    """Runs a whole evaluation, on our path or (with the same configuration, less our metric) on TFMA's own."""
    import apache_beam as beam
    import tensorflow_model_analysis as tfma
    from apache_beam.options.pipeline_options import PipelineOptions
    from tensorflow_model_analysis import constants
    from tfx_bsl.public import tfxio

    from components.evaluation.extractors import custom_extractors

    if not counting:
        for spec in config.metrics_specs:
            kept = [metric for metric in spec.metrics if not metric.module.startswith("components.")]
            del spec.metrics[:]
            spec.metrics.extend(kept)
    shared = [tfma.default_eval_shared_model(str(path), model_name=name, eval_config=config) for name, path in models.items()]
    extractors = custom_extractors(shared, config, None) if counting else None
    source = tfxio.TFExampleRecord(
        str(examples), raw_record_column_name=constants.ARROW_INPUT_COLUMN, telemetry_descriptors=["test"]
    )
    with beam.Pipeline(options=PipelineOptions(list(beam_args))) as root:
        _ = (
            root
            | source.BeamSource()
            | tfma.ExtractEvaluateAndWriteResults(
                eval_shared_model=shared if len(shared) > 1 else shared[0],
                eval_config=config,
                extractors=extractors,
                output_path=str(output),
            )
        )
    return output


@pytest.fixture(scope="session")
def comments() -> Comments:
    """The examples of every run."""
    return _make_comments(1200, seed=1)


@pytest.fixture(scope="session")
def comment_files(comments: Comments, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pattern of the two files that hold the comments."""
    folder = tmp_path_factory.mktemp("examples")
    for at, rows in enumerate((slice(0, 900), slice(900, None))):
        groups = {name: values[rows] for name, values in comments.groups.items()}
        part = Comments(comments.latent[rows], comments.labels[rows], comments.weights[rows], groups)
        _write_comments(part, folder / f"eval-{at}.tfrecord.gz")
    return folder / "*"


@pytest.fixture(scope="session")
def many_comment_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pattern of a file of 20,000 other comments."""
    folder = tmp_path_factory.mktemp("many_examples")
    _write_comments(_make_comments(20_000, seed=2), folder / "eval-0.tfrecord.gz")
    return folder / "*"


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """SavedModels, by what they answer to a latent score x."""
    import tensorflow as tf

    answers = {
        "tenths": lambda latent: (tf.round(latent * 10) / 10)[:, None],  # many scores equal a threshold
        "square": lambda latent: tf.square(latent)[:, None],
        "spoilt": lambda latent: tf.where(latent > 0.6, np.float32("nan"), latent)[:, None],
    }
    folder = tmp_path_factory.mktemp("models")
    for name, answer in answers.items():
        _save_model(answer, folder / name)
    for name, sharpness in (("soft classes", 2.0), ("sharp classes", 9.0)):
        _save_model(_class_probabilities(sharpness), folder / name, "probabilities")
    return {path.name: path for path in folder.iterdir()}


@pytest.fixture(scope="session")
def evaluate() -> Callable[..., Path]:
    """See `_evaluate`."""
    return _evaluate
