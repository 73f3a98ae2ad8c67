"""Define the layout of a run's root folder: the only place that names its files.

    metadata.sqlite               what ran, and what it made (ML Metadata)
    artifacts/                    what the steps made, by step
    examples/  embeddings/        prepared data and text embeddings, by their digests
    serving/<version>/            published models
    logs/                         one log file per run
    steps/                        the run that was prepared last, to be run step by step
    latest                        link to the newest report
    reports/history.html          all runs side by side
    reports/<run id>/             the report of one run:
        verdict.json              the verdict
        verdict.md                the verdict for people
        metrics.parquet           model, slice, metric, threshold, value, low, high, n
        report.html               the page
        datasheet.md  datasheet.json      the data sheet, for people and as Croissant
        model_card.md  model_card.json    the model card, for people and model hubs, and in Google's schema
        content/                  the other tables of the page; facts.json holds what is no table
        config.json               the run's configuration
        manifest.json             the digest of every file that the verdict rests on

A run folder may come from somebody else: nothing here leads out of it.
"""

import stat
from pathlib import Path

from fairgate.errors import InputError, os_reason
from fairgate.run_files import inside

METADATA = "metadata.sqlite"
ARTIFACTS = "artifacts"
EXAMPLES = "examples"
EMBEDDINGS = "embeddings"
SERVING = "serving"
LOGS = "logs"
STEPS = "steps"
PREPARED = "prepared.json"  # in STEPS
LATEST = "latest"
REPORTS = "reports"
HISTORY = "history.html"

VERDICT = "verdict.json"
VERDICT_TEXT = "verdict.md"
METRICS = "metrics.parquet"
PAGE = "report.html"
DATASHEET = "datasheet.json"
DATASHEET_TEXT = "datasheet.md"
MODEL_CARD = "model_card.json"
MODEL_CARD_TEXT = "model_card.md"
CARDS = (DATASHEET_TEXT, DATASHEET, MODEL_CARD_TEXT, MODEL_CARD)
DRAWN = (PAGE, *CARDS)  # from the other files of the report; `fairgate report` writes them again
CONTENT = "content"
FACTS = "facts.json"
CONFIGURATION = "config.json"
MANIFEST = "manifest.json"


def require_folder(root: Path) -> Path:
    """Return a run's root, or the folder of one report, if it is a folder.

    Raises:
        InputError: it is not; says why, and what to name instead.
    """
    try:
        problem = "" if stat.S_ISDIR(root.stat().st_mode) else "a file, not a folder"
    except FileNotFoundError:
        problem = "no such folder"
    except (OSError, ValueError) as error:  # a loop of links, a folder that may not be entered; a NUL in the name
        problem = os_reason(error) if isinstance(error, OSError) else "no folder can have this name"
    if problem:
        raise InputError(f"{root}: {problem}; name a run's root folder, such as runs/digits, or the folder of one report.")
    return root


def run_ids(root: Path) -> list[str]:
    """Return the ids of all runs that have a verdict, the oldest first; unfinished reports are left out.

    Raises:
        InputError: a report is a link that leads out of the root.
    """
    found = sorted(path.parent for path in (root / REPORTS).glob(f"[!.]*/{VERDICT}"))
    return [path.name for path in found if inside(root, path)]


def newest(root: Path) -> Path:
    """Return the newest report's folder, also where a copy has lost the link to it; the folder itself if it holds no reports.

    Raises:
        InputError: the link, or a report, leads out of the root.
    """
    if (root / LATEST).exists():
        inside(root, root / LATEST)
        return root / LATEST
    ids = run_ids(root)
    return root / REPORTS / ids[-1] if ids else root
