"""Write options as they must be typed in a shell, for the remedies of messages."""

import csv
import io
from collections.abc import Iterable
from shlex import quote


def set_option(value: str, *keys: str) -> str | None:
    """Return `--set key.key=value`, quoted where the shell needs it; None where a key cannot be written so."""
    if any(key.strip() != key or not key or not key.isprintable() or set(key) & set(".=") for key in keys):
        return None
    return f"--set {quote('.'.join(keys) + '=' + value)}"


def columns_option(pairs: Iterable[tuple[str, str]]) -> str:
    """Return `--columns known=name,known=name`, quoted where its commas or the shell need it."""
    written = io.StringIO()
    csv.writer(written, lineterminator="").writerow([f"{known}={name}" for known, name in pairs])
    return f"--columns {quote(written.getvalue())}"
