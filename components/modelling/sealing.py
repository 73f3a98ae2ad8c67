"""The seal of an exported model: its digest, written beside it when it was trained. Imports no TensorFlow.

In: the folder of a SavedModel. Out: `<folder>.sha256`, which `components.modelling.seal_check` compares with the model.
"""

from pathlib import Path

from fairgate.files import folder_digest

ENDING = ".sha256"


def seal(model: str | Path) -> None:
    """Write the digest of a model that was just exported."""
    seal_of(model).write_text(folder_digest(model) + "\n", encoding="utf-8")


def seal_of(model: str | Path) -> Path:
    """Return the file that holds a model's seal."""
    return Path(model).with_name(Path(model).name + ENDING)
