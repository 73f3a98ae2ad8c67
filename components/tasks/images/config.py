"""Configuration of the image tasks: the source of the images and the classifier. Imports no TensorFlow."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError, field_validator, model_validator
from pydantic_core import InitErrorDetails

from components.tasks.base import Recipe, Shards, TaskModel
from components.tasks.images import statements
from components.tasks.images.features import SCALE
from components.tasks.images.model_config import PRESETS, ImageModelConfig
from fairgate.quantities import Whole


class DigitsInput(TaskModel):
    """The digits ship inside scikit-learn: there is no file to choose.

    Attributes:
        shards: number of files of each split, at most one per image; None for files of 8 MiB. It changes no result.
    """

    shards: Shards = None

    def known_statements(self) -> Mapping[str, Any]:
        """Return what is published of the digits."""
        return statements.DIGITS


class FashionInput(TaskModel):
    """Where the official files are.

    Attributes:
        data_dir: folder with the four IDX files; without it they are downloaded.
        train_rows, eval_rows: only the first so many images of a split; all of them by default.
        shards: number of files of each split, at most one per image; None for files of 8 MiB. It changes no result.
    """

    data_dir: str | None = None
    train_rows: Whole | None = Field(default=None, ge=100, le=100_000_000)
    eval_rows: Whole | None = Field(default=None, ge=100, le=100_000_000)
    shards: Shards = None

    def files_read(self) -> list[Path]:
        """Return the folder of the files, if it is named."""
        return [Path(self.data_dir).absolute()] if self.data_dir else []

    def known_statements(self) -> Mapping[str, Any]:
        """Return what is published of Fashion-MNIST; a folder may hold other images of the same form."""
        return {} if self.data_dir else statements.FASHION_MNIST


class ImagesTraining(TaskModel):
    """The classifiers of a run.

    Attributes:
        preset: where both recipes start from.
        scale_pixels: whether pixels are scaled to 0..1 before they are learned from; if not, they stay 0 to 255 (digits: 16).
        baseline, candidate: settings of ImageModelConfig laid over the preset's, for one recipe.
    """

    preset: str = "mlp"
    scale_pixels: bool = True
    baseline: dict[str, Any] = Field(default={})
    candidate: dict[str, Any] = Field(default={})

    @field_validator("preset")
    @classmethod
    def _known(cls, preset: str) -> str:
        if preset not in PRESETS:
            raise ValueError(f"no such preset; choose one of {', '.join(PRESETS)}")
        return preset

    @model_validator(mode="after")
    def _buildable(self) -> "ImagesTraining":
        """Check both models; a problem is named below the key of its model."""
        recipes: dict[str, Recipe] = {"baseline": "baseline", "candidate": "remediated"}
        found: list[InitErrorDetails] = []
        for key, recipe in recipes.items():
            try:
                self.model(recipe)
            except ValidationError as error:
                for problem in error.errors():
                    placed = InitErrorDetails(type=problem["type"], loc=(key, *problem["loc"]), input=problem["input"])
                    found.append({**placed, "ctx": problem["ctx"]} if "ctx" in problem else placed)
        if found:
            raise ValidationError.from_exception_data(type(self).__name__, found)
        return self

    def transform_config(self) -> Mapping[str, Any]:
        """Return the scale 1 where pixels are not to be scaled."""
        return {} if self.scale_pixels else {SCALE: 1}

    def settings(self, model: ImageModelConfig) -> dict[str, Any]:
        """Return what a model of this training was trained with, as JSON values."""
        return {"scale_pixels": self.scale_pixels, **model.model_dump(mode="json")}

    def described(self) -> Mapping[str, str]:
        """Return the preset that both models start from."""
        return {"model": self.preset}

    def recipe_words(self, recipe: Recipe) -> str:
        """Return what network it is, "perceptron of 128-64-32, dropout 0.2"."""
        model = self.model(recipe)
        if model.filters:
            network = f"convolutions of {'-'.join(str(stage[-1]) for stage in model.filters)}"
        else:
            network = f"perceptron of {'-'.join(map(str, model.hidden))}" if model.hidden else "one layer"
        rates = sorted({rate for rate in (*model.dropouts, *([model.dropout] if model.filters else [])) if rate})
        dropout = f"dropout {' and '.join(f'{rate:g}' for rate in rates)}" if rates else "no dropout"
        return f"{network}, {dropout}{f', {model.members} members' if model.members > 1 else ''}"

    def model(self, recipe: Recipe) -> ImageModelConfig:
        """Return the configuration of one recipe: the preset's, with this run's settings merged into it."""
        preset = PRESETS[self.preset]
        start, changes = (preset.baseline, self.baseline) if recipe == "baseline" else (preset.candidate, self.candidate)
        return ImageModelConfig.model_validate({**start.model_dump(), **changes})


class DigitsTraining(ImagesTraining):
    """The same for the digits, which are few and small."""

    preset: str = "digits"
