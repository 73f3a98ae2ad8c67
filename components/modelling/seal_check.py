"""The check of a model's seal: is the model still the one that was trained?

Nothing can be exchanged, cut off or edited between the training, the evaluation and the gate. Apart from `sealing`, because the
trainers import that, and a change of the gate's checks trains no model again. Imports no TensorFlow.
"""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from components.modelling.sealing import seal_of
from components.modelling.signature import MODEL_FOLDER
from fairgate.errors import InputError
from fairgate.files import folder_digest, removal
from fairgate.gate.checks import Check

NAME = "export"
SCORED = "scored_"  # begins the property of a measurement that holds the digest of a model, "scored_candidate"


def check(name: str, model: str | Path) -> Check:
    """Check that a model is the one that was sealed.

    Args:
        name: of the model, for the reason: "candidate".
        model: its folder.
    """
    try:
        sealed = seal_of(model).read_text(encoding="utf-8").strip()
    except OSError:
        return Check(NAME, ok=False, reason=f"The {name} has no seal of its training ({seal_of(model).name}).")
    found = folder_digest(model) if Path(model).is_dir() else "nothing"
    if found != sealed:
        return Check(NAME, ok=False, reason=f"The {name} is not the model that was trained: {found} instead of {sealed}.")
    return Check(NAME, ok=True, reason=f"The {name} is byte for byte the model that was trained.")


def sealed_model(uri: str) -> Path:
    """Return the folder of the SavedModel in an artifact of a trained model, after comparing it with its seal.

    Raises:
        InputError: it is not the model that was trained.
    """
    model = Path(uri, MODEL_FOLDER)
    found = check("model", model)
    if not found.ok:
        remedy = f"restore its files, or remove it ({removal(uri)}) and run again, which trains it again"
        raise InputError(f"{model}: {found.reason} To go on, {remedy}.")
    return model


def record_scored(artifact: Any, models: Mapping[str, str | Path]) -> None:
    """Record in a measurement's metadata the digests of the models that it was made of.

    Args:
        artifact: the evaluation, or the result of another test.
        models: name -> folder of the SavedModel.
    """
    for name, model in models.items():
        artifact.set_string_custom_property(f"{SCORED}{name}", folder_digest(model))


def scored_otherwise(artifacts: Iterable[Any], models: Mapping[str, str | Path]) -> Iterator[Check]:
    """Yield a failed check for each model that is another one than was measured, seal or no seal.

    Args:
        artifacts: measurements with the digests that `record_scored` wrote.
        models: name -> folder of the SavedModel that is judged.
    """
    digests = {name: folder_digest(model) for name, model in models.items()}
    for artifact in artifacts:
        for name, digest in digests.items():
            scored = artifact.get_string_custom_property(f"{SCORED}{name}")
            if scored != digest:
                reason = f"{artifact.uri} was measured on the {name} {scored or 'of no digest'}, not on {digest}."
                yield Check("artifacts", ok=False, reason=reason)
