"""Every number of a configuration has bounds: nothing infinite, no NaN, nothing negative or without end, no true and false."""

import importlib.util
import math
import typing
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from components.counterfactual.plan import CounterfactualPlan
from components.tasks.civil_comments.config import CommentsInput, CommentsTraining
from components.tasks.images.config import DigitsInput, FashionInput
from components.tasks.images.model_config import ImageModelConfig
from components.validation.drift import DriftLimits
from components.validation.rules import DataRules
from fairgate.cli import main as cli
from fairgate.counting.config import EvaluationConfig
from pipeline.alerts import Alerts
from pipeline.config import RunConfig, load


def _of_the_example() -> Iterator[type[BaseModel]]:
    """The configurations of the task in docs/examples, which is not installed."""
    file = Path(__file__).resolve().parents[1] / "docs/examples/loan_approval/loan_approval/config.py"
    spec = importlib.util.spec_from_file_location("loan_approval_config", file)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    yield from (module.LoanInput, module.LoanTraining)


MODELS: tuple[type[BaseModel], ...] = (
    CommentsInput,
    CommentsTraining,
    DigitsInput,
    FashionInput,
    ImageModelConfig,
    EvaluationConfig,
    DriftLimits,
    DataRules,
    CounterfactualPlan,
    Alerts,
    RunConfig,
    *_of_the_example(),
)
WRONG = {"inf": math.inf, "-inf": -math.inf, "nan": math.nan, "negative": -5, "huge": 1e12, "true": True, "false": False}


def _depth(annotation: Any) -> int | None:
    """In how many tuples numbers stand in a field; None where there are none."""
    if annotation in (int, float):
        return 0
    inner = [_depth(part) for part in typing.get_args(annotation) if part is not Ellipsis]
    depths = [depth for depth in inner if depth is not None]
    return max(depths) + (typing.get_origin(annotation) is tuple) if depths else None


def numbers() -> Iterator[tuple[type[BaseModel], str, int]]:
    """Every field of a number, and in how many tuples."""
    for model in MODELS:
        for name, field in model.model_fields.items():
            depth = _depth(field.annotation)
            if depth is not None:
                yield model, name, depth


NUMBERS = list(numbers())
DEFAULTS: dict[type[BaseModel], dict[str, Any]] = {
    RunConfig: dict(load("digits")),
    CounterfactualPlan: dict(load("civil-comments").counterfactual or ()),
}


def test_the_table_has_every_field() -> None:
    """A part of RunConfig that is added belongs into MODELS."""
    assert len(NUMBERS) >= 40
    parts = {type(getattr(load("civil-comments"), name)) for name in ("input", "training", "evaluation", "data_rules", "drift")}
    assert parts <= set(MODELS)


@pytest.mark.parametrize("wrong", WRONG)
@pytest.mark.parametrize(("model", "name", "depth"), NUMBERS, ids=[f"{model.__name__}.{name}" for model, name, _ in NUMBERS])
def test_what_no_setting_can_be_is_refused(model: type[BaseModel], name: str, depth: int, wrong: str) -> None:
    """And the message names the field."""
    value: Any = WRONG[wrong]
    for _ in range(depth):
        value = [value]
    with pytest.raises(ValidationError) as error:
        model.model_validate({**DEFAULTS.get(model, {}), name: value})
    assert {found["loc"][0] for found in error.value.errors()} == {name}


@pytest.mark.parametrize(
    ("task", "setting"),
    [
        ("civil-comments", "training.hidden=[-5]"),
        ("civil-comments", "training.learning_rate=.inf"),
        ("civil-comments", "training.steps=1000000000000"),
        ("civil-comments", "training.batch_size=yes"),
        ("digits", "training.candidate={hidden: [0]}"),
        ("digits", "training.baseline={learning_rate: .nan}"),
    ],
)
def test_check_refuses_it(task: str, setting: str, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """With exit code 3, before anything is trained."""
    settings = ["--set", "input.sample=true"] if task == "civil-comments" else []
    assert cli.main(["check", task, *settings, "--set", setting]) == 3
    assert setting.partition("=")[0] in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
