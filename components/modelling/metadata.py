"""What a trained model says of itself: `model.json` in its SavedModel, sealed with it and read by gate, report and predict.

    {"architecture": "ngrams", "recipe": "baseline", "operating_point": {...}, "remedy": {...}, "notes": [...], "training": {...}}

Imports no TensorFlow.
"""

from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from components.tasks.base import Recipe
from fairgate.errors import InputError, os_reason
from fairgate.model_facts import OperatingPoint, Remedy

FILE = "model.json"


class ModelMetadata(BaseModel):
    """What is known of a model beside its weights.

    Attributes:
        architecture: "ngrams" or "dnn"; of images "perceptron" or "convolutions".
        recipe: that it was trained by.
        operating_point: the decision threshold and how it was chosen; None where nothing was chosen.
        remedy: what was done against unintended bias; None for a model without remedy.
        notes: sentences for people; the report shows them.
        training: how it was trained, as the task's report reads it; JSON values, empty where the model does not say.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    architecture: str
    recipe: Recipe
    operating_point: OperatingPoint | None = None
    remedy: Remedy | None = None
    notes: tuple[str, ...] = ()
    training: dict[str, Any] = {}


def write(folder: str | Path, metadata: ModelMetadata) -> None:
    """Write the metadata into the folder of a SavedModel; before it is sealed."""
    Path(folder, FILE).write_text(metadata.model_dump_json(indent=1) + "\n", encoding="utf-8")


def read(folder: str | Path) -> ModelMetadata | None:
    """Return the metadata of a SavedModel; None where it has none, as that of another task.

    Raises:
        InputError: the file holds something else.
    """
    path = Path(folder, FILE)
    if not path.is_file():
        return None
    try:
        return ModelMetadata.model_validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        reason = error.errors()[0]["msg"] if isinstance(error, ValidationError) else os_reason(error)
        raise InputError(f"{path}: cannot be read ({reason}). Train the model again, or restore the file.") from error
