"""What an image model says of its training, in the `training` of its `model.json`. Imports no TensorFlow."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
from pydantic import BaseModel, ConfigDict, Field

from components.modelling import metadata


class TrainingFacts(BaseModel):
    """How one model was trained.

    Attributes:
        settings: `ImagesTraining.settings` of its recipe.
        weights: number of them, of all members.
        images: in the training split.
        held_out: of them, for early stopping.
        epochs: after which training ended; of the member that trained longest.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    settings: dict[str, Any]
    weights: int = Field(ge=0)
    images: int = Field(ge=0)
    held_out: int = Field(ge=0)
    epochs: int = Field(ge=0)


def read_facts(models: Mapping[str, str]) -> dict[str, TrainingFacts]:
    """Return what each model says of its training; a model of an older version, which says nothing, is left out.

    Args:
        models: name -> folder of the SavedModel.
    """
    said = {name: metadata.read(folder) for name, folder in models.items()}
    return {name: TrainingFacts.model_validate(known.training) for name, known in said.items() if known and known.training}


def facts_table(facts: Mapping[str, TrainingFacts]) -> pd.DataFrame | None:
    """Return the `trainings` of a report: model, weights, images (fitted), held_out, epochs, most_epochs; None without facts."""
    rows = [
        {
            "model": name,
            "weights": fact.weights,
            "images": fact.images - fact.held_out,
            "held_out": fact.held_out,
            "epochs": fact.epochs,
            "most_epochs": fact.settings["epochs"],
        }
        for name, fact in facts.items()
    ]
    return pd.DataFrame(rows) if rows else None
