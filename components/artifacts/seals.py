"""The seal of a step's output: the digest of its files, recorded in the metadata of the artifact by the step that wrote it.

In: an artifact of TFX. Out: its property CONTENT_DIGEST, which every step that reads the artifact compares with the files. The
metadata are kept by the engine, not beside the files, so a file that is cut off, edited or exchanged no longer fits. A trained
model has its seal beside it, see `components.modelling.sealing`. Imports no TensorFlow.
"""

from pathlib import Path
from typing import Any

from fairgate.errors import InputError
from fairgate.files import folder_digest, removal

CONTENT_DIGEST = "content_digest"


def seal(artifact: Any) -> None:
    """Record the digest of an artifact whose files are all written."""
    artifact.set_string_custom_property(CONTENT_DIGEST, folder_digest(artifact.uri))


def sealed_folder(artifact: Any) -> Path:
    """Return the folder of an artifact after comparing it with its seal.

    Raises:
        InputError: as `check`.
    """
    check(artifact.uri, artifact.get_string_custom_property(CONTENT_DIGEST))
    return Path(artifact.uri)


def check(uri: str, digest: str) -> None:
    """Check that a folder still holds what its step wrote.

    Args:
        uri: the folder.
        digest: of its seal; "" where it has none.

    Raises:
        InputError: a file was changed, is missing or is extra, or there is no seal.
    """
    found = folder_digest(uri) if Path(uri).is_dir() else "nothing"
    if not digest:
        raise InputError(f"{uri}: no step has recorded a digest of this folder; {_remedy(uri)}.")
    if found != digest:
        raise InputError(f"{uri}: changed since the step wrote it ({found} instead of {digest}); {_remedy(uri)}.")


def _remedy(uri: str) -> str:
    return f"restore its files, or remove it ({removal(uri)}) and run again, which repeats the step"
