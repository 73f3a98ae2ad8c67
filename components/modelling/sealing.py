"""The seal of an exported model: its digest, written beside it by whoever trained it, compared by the gate.

In: the folder of a SavedModel. Out: `<folder>.sha256`, and later a check that the model is still the one that was trained:
nothing can be exchanged, cut off or edited between the training, the evaluation and the gate. Imports no TensorFlow.
"""

from pathlib import Path

from fairgate.files import folder_digest
from fairgate.gate.checks import Check

ENDING = ".sha256"
NAME = "export"


def seal(model: str | Path) -> None:
    """Write the digest of a model that was just exported."""
    _seal_of(model).write_text(folder_digest(model) + "\n", encoding="utf-8")


def check(name: str, model: str | Path) -> Check:
    """Check that a model is the one that was sealed.

    Args:
        name: of the model, for the reason: "candidate".
        model: its folder.
    """
    try:
        sealed = _seal_of(model).read_text(encoding="utf-8").strip()
    except OSError:
        return Check(NAME, ok=False, reason=f"The {name} has no seal of its training ({_seal_of(model).name}).")
    found = folder_digest(model) if Path(model).is_dir() else "nothing"
    if found != sealed:
        return Check(NAME, ok=False, reason=f"The {name} is not the model that was trained: {found} instead of {sealed}.")
    return Check(NAME, ok=True, reason=f"The {name} is byte for byte the model that was trained.")


def _seal_of(model: str | Path) -> Path:
    return Path(model).with_name(Path(model).name + ENDING)
