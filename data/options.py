"""Write options as they must be typed in a shell, for the remedies of messages."""

import csv
import io
import json
from collections.abc import Iterable
from shlex import quote


def set_option(value: str, *keys: str) -> str | None:
    """Return `--set key.key=value`, quoted where the shell needs it; None where a key cannot be printed.

    From the first key on that holds a dot, an equals sign or white space at an end, the keys are written as a mapping:
    `--set 'key={"a.b": value}'`.
    """
    if not all(map(str.isprintable, keys)):
        return None
    plain = next((place for place, key in enumerate(keys) if not key or key.strip() != key or set(key) & set(".=")), len(keys))
    for key in reversed(keys[plain:]):
        value = f"{{{json.dumps(key, ensure_ascii=False)}: {value}}}"
    return f"--set {quote('.'.join(keys[:plain]) + '=' + value)}"


def columns_option(pairs: Iterable[tuple[str, str]]) -> str:
    """Return `--columns known=name,known=name`, quoted where its commas or the shell need it."""
    written = io.StringIO()
    csv.writer(written, lineterminator="").writerow([f"{known}={name}" for known, name in pairs])
    return f"--columns {quote(written.getvalue())}"
