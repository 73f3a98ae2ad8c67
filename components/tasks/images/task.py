"""The image tasks: Fashion-MNIST and scikit-learn's digits, ten classes each, through one set of functions."""

from dataclasses import replace
from pathlib import Path

import data
from components.modelling.prediction import Predictor
from components.tasks.base import Progress, Task, TaskCode
from components.tasks.images.config import DigitsInput, DigitsTraining, FashionInput, ImagesTraining
from components.tasks.images.features import SCALE
from components.tasks.images.model_config import PRESETS
from components.validation.rules import DataRules
from data.images import fashion_mnist, formats
from data.images.formats import IMAGE, LABEL
from fairgate.counting.config import EvaluationConfig, LabelSpec
from fairgate.gate import presets
from fairgate.gate.presets import ImageLimits

SCHEMAS = Path(data.__path__[0]) / "schemas"


def _fashion_mnist() -> TaskCode:
    from components.tasks.images import report
    from components.tasks.images.prepare import prepare_fashion_mnist
    from components.tasks.images.preprocessing import preprocessing_fn
    from components.tasks.images.trainer import run_fn

    return TaskCode(prepare_fashion_mnist, preprocessing_fn, run_fn, f"{report.__name__}.FASHION_MNIST")


def _digits() -> TaskCode:
    from components.tasks.images import report
    from components.tasks.images.prepare import prepare_digits

    return replace(_fashion_mnist(), prepare=prepare_digits, report_parts=f"{report.__name__}.DIGITS")


def _fetch(folder: Path, progress: Progress) -> None:
    fashion_mnist.fetch_all(folder, progress)


def _check_files(chosen: FashionInput, _training: ImagesTraining) -> None:
    """Check the four files, where they are not to be downloaded."""
    if chosen.data_dir:
        fashion_mnist.read_splits(Path(chosen.data_dir))


def _fashion_mnist_predictor() -> Predictor:
    from components.tasks.images.predict import FASHION_MNIST

    return FASHION_MNIST


def _digits_predictor() -> Predictor:
    from components.tasks.images.predict import DIGITS

    return DIGITS


_FASHION_MNIST = presets.images(
    ImageLimits(accuracy=0.87, worst_recall=0.55, train_test_difference=0.06, calibration_error=0.05, recall_margin=0.10)
)
_DIGITS = presets.images(
    ImageLimits(accuracy=0.95, worst_recall=0.8, train_test_difference=0.05, calibration_error=0.06, min_examples=10)
)

TASK = Task(
    name="fashion-mnist",
    labels=LabelSpec(LABEL, formats.FASHION_MNIST.classes, "multiclass"),
    slice_values={},
    schema=SCHEMAS / "fashion_mnist.pbtxt",
    input=FashionInput,
    training=ImagesTraining,
    evaluation=EvaluationConfig(thresholds=(), splits=("eval", "train")),
    policy=_FASHION_MNIST[presets.DEFAULT],
    policies=_FASHION_MNIST,
    presets={name: {"training": {"preset": name}} for name in PRESETS},
    data_rules=DataRules(text_feature=IMAGE, min_class_share=0.02),
    code=_fashion_mnist,
    check_inputs=_check_files,
    fetch=_fetch,
    predictor=_fashion_mnist_predictor,
    transform_config={SCALE: formats.FASHION_MNIST.pixel_max},
)

DIGITS = replace(
    TASK,
    name="digits",
    labels=LabelSpec(LABEL, formats.DIGITS.classes, "multiclass"),
    schema=SCHEMAS / "digits.pbtxt",
    input=DigitsInput,
    training=DigitsTraining,
    policy=_DIGITS[presets.DEFAULT],
    policies=_DIGITS,
    code=_digits,
    check_inputs=None,
    fetch=None,
    predictor=_digits_predictor,
    transform_config={SCALE: formats.DIGITS.pixel_max},
)
