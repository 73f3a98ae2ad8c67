"""What `fairgate predict` does for tasks with several classes alone: a second model, true classes, probabilities, abstentions.

In: what the command was given, and its decisions. Out: the folder of the second model, and lines of text below the decisions.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from components.modelling import prediction
from components.modelling.prediction import GRAPH, Predictor
from fairgate.errors import InputError
from fairgate.files import folder_digest
from fairgate.gate import verdict as verdicts
from fairgate.names import BASELINE
from fairgate.run_folder import ARTIFACTS, SERVING, VERDICT
from pipeline import serving

if TYPE_CHECKING:
    from pipeline.commands.predict import Predicted

MOST_SHOWN = 20  # inputs whose probabilities are written out; `--json` has all


def check(task: str, predictor: Predictor, options: Mapping[str, object]) -> None:
    """Check that options which only a task with several classes has are given to no other.

    Raises:
        InputError: one is.
    """
    given = [option for option, value in options.items() if value is not None]
    if given and predictor.several is None:
        raise InputError(f"{given[0]} does not apply to {task}, which has two classes; leave it out.")


def rehearse(predictor: Predictor, rule: Any, classes: int, *, by_two: bool) -> None:
    """Decide on one row of equal probabilities, so that a mistake in the options shows before TensorFlow is loaded.

    Raises:
        InputError: the rule does not fit the number of classes, or a second model has nothing to decide.
    """
    if predictor.several is not None:
        equal = np.full((1, classes), 1 / classes)
        predictor.several.decide(equal, rule, 0, equal if by_two else None)


def second_folder(second: str | None, first: Path, *, published: bool) -> Path | None:
    """Return the folder of the model that decides among the shortlist; None where none is named.

    Args:
        second: "baseline", a SavedModel, or a run's root folder, whose newest published model it is then.
        first: folder of the model that makes the shortlist.
        published: whether the first is a published version, so that its run has a baseline.

    Raises:
        InputError: there is no such model, or no verdict stands behind it.
    """
    if second is None:
        return None
    if second == BASELINE:
        return _baseline(first, published)
    folder = Path(second)
    if (folder / GRAPH).is_file():
        return folder
    if not (folder / SERVING).is_dir():
        raise InputError(
            f"--second-model {second}: neither a SavedModel (no {GRAPH} in it) nor the root of a run (no {SERVING}/ in it); "
            f"name one of them, or --second-model {BASELINE}."
        )
    version = prediction.newest(folder / SERVING)
    serving.check_accounted(version)
    return version


def _baseline(version: Path, published: bool) -> Path:
    """Return the folder of the baseline that a published version was compared with, found by its digest."""
    if not published:
        raise InputError(
            f"--second-model {BASELINE} is the baseline of a run, but --model {version} names no run; give --root FOLDER "
            "instead, or name the second model by its folder."
        )
    verdict = verdicts.read(serving.check_accounted(version) / VERDICT)
    digest = verdict.models[BASELINE].digest if BASELINE in verdict.models else ""
    for graph in sorted((version.parent.parent / ARTIFACTS).glob(f"*/model/*/*/{GRAPH}")):
        if folder_digest(graph.parent) == digest:
            return graph.parent
    raise InputError(
        f"{version.parent.parent / ARTIFACTS}: the baseline of the run that published {version} ({digest or 'without a digest'}) "
        "is not there; run the pipeline again, or name the folder of a SavedModel with --second-model FOLDER."
    )


def notes(lines: Sequence["Predicted"]) -> Iterator[str]:
    """Yield the probabilities of each input with their sum, then how many were decided, and why the others were not."""
    for line in lines if len(lines) <= MOST_SHOWN else ():
        shown = ", ".join(f"{name}: {value:.3f}" for name, value in line.probabilities.items())
        listed = f"; shortlist: {', '.join(line.shortlist)}" if line.shortlist else ""
        where = f" of {line.input}" if len(lines) > 1 else ""
        yield f"Probabilities{where}: {shown}; sum {sum(line.probabilities.values()):.6f}{listed}."
    if len(lines) > MOST_SHOWN:
        yield f"The probabilities of {len(lines):,} inputs are left out here; --json has them."
    reasons = Counter(line.prediction.reason for line in lines if line.label is None)
    if len(lines) > 1 or reasons:
        because = ", ".join(f"{count:,} {reason}" for reason, count in reasons.most_common())
        yield f"Decided {len(lines) - reasons.total():,} of {len(lines):,}{f'; abstained: {because}' if because else ''}."
