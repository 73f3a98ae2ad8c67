"""Writing small text files whole or not at all."""

import os
import tempfile
from pathlib import Path


def replace_text(path: Path, text: str) -> None:
    """Writes UTF-8 text beside `path` and renames it: a reader finds the old file or the new one, never a part.

    What UTF-8 cannot hold (half of a surrogate pair, as in a file name of another encoding) becomes a question mark.

    Raises:
        OSError: the folder is absent or not writable, or the disk is full; the old file is then intact.
    """
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", errors="replace", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(0o644)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
