"""Check, in a container, what a run left on its volume: `python - ROOT EXIT_CODE`, with this text as standard input.

The exit code must be that of the verdict, every file must belong to the user of the image, who is not root, and the report
must be whole.
Ends with 1 and a line for each thing that is wrong.
"""

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from fairgate.cli.exit_codes import OUTCOMES
from fairgate.run_folder import CONFIGURATION, LATEST, MANIFEST, METRICS, PAGE, VERDICT, VERDICT_TEXT

IMAGE_USER = 10001


def problems(root: Path, code: int) -> Iterator[str]:
    """Return what is wrong, a sentence each."""
    if os.getuid() != IMAGE_USER:
        yield f"the container runs as user {os.getuid()}, not as {IMAGE_USER}"
    report = root / LATEST
    for name in (VERDICT, VERDICT_TEXT, METRICS, PAGE, CONFIGURATION, MANIFEST):
        if not (report / name).is_file() or not (report / name).stat().st_size:
            yield f"{report / name} is missing or empty"
    outcome = json.loads((report / VERDICT).read_text(encoding="utf-8"))["outcome"]
    if code != OUTCOMES[outcome]:
        yield f"the run ended with {code}, but its verdict is {outcome}"
    owners = {path.lstat().st_uid for path in (root, *root.rglob("*"))}
    if owners != {IMAGE_USER}:
        yield f"files below {root} belong to the users {sorted(owners)}, not to {IMAGE_USER} alone"


def main() -> int:
    """Print what is wrong, or what was found."""
    root, code = Path(sys.argv[1]), int(sys.argv[2])
    wrong = list(problems(root, code))
    for line in wrong:
        sys.stderr.write(f"test-container: {line}\n")
    if wrong:
        return 1
    files = sum(path.is_file() for path in root.rglob("*"))
    sys.stdout.write(
        f"test-container: exit code {code} as the verdict says; {files} files of user {IMAGE_USER}; the report is whole\n"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
