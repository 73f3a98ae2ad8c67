"""The blessing of a candidate, as TFX's Pusher reads it: an empty file, BLESSED or NOT_BLESSED, and the same as a property."""

from pathlib import Path

from components.artifacts import seals
from fairgate.errors import InputError
from fairgate.files import removal

BLESSED = "BLESSED"
NOT_BLESSED = "NOT_BLESSED"
PROPERTY = "blessed"  # 1 or 0; what TFX's Pusher reads


def write(uri: str, blessed: bool) -> None:
    """Write the file."""
    folder = Path(uri)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / (BLESSED if blessed else NOT_BLESSED)).touch()


def read(uri: str, digest: str, blessed: bool) -> bool:
    """Return whether a candidate is blessed.

    Args:
        uri: folder of the blessing.
        digest: of its seal.
        blessed: what its property says.

    Raises:
        InputError: file, seal and property do not agree.
    """
    seals.check(uri, digest)
    written = {path.name for path in Path(uri).iterdir()}
    if written != {BLESSED if blessed else NOT_BLESSED}:
        said = "blessed" if blessed else "not blessed"
        raise InputError(
            f"{uri}: the blessing holds {', '.join(sorted(written)) or 'nothing'}, its metadata say {said}; remove it "
            f"({removal(uri)}) and run again, which judges the candidate again."
        )
    return blessed
