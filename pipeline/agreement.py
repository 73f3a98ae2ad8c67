"""Read the outcome of a run from the gate's own artifact, and check that nothing else says otherwise.

In: the artifacts of one run, found by the identity of the run. Out: the verdict, or an InputError that names the files that
disagree. Terminal, exit code, alert and report are derived from what is returned here.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

import ml_metadata

from components.artifacts import blessing as blessings
from components.artifacts import seals
from components.modelling.publishing import MODEL_DIGEST
from fairgate.errors import InputError
from fairgate.files import removal
from fairgate.gate import verdict as verdicts
from fairgate.gate.outcome import CHECK, outcome_of
from fairgate.gate.verdict import Verdict
from fairgate.names import CANDIDATE
from fairgate.run_folder import VERDICT

SEALED = ("verdict", "blessing", "report")  # outputs whose files are compared with their seals
PUSHED = "pushed_destination"  # the property of TFX's PushedModel: the folder of the version; "" where nothing was pushed


def agreed_verdict(outputs: Mapping[str, ml_metadata.proto.Artifact]) -> Verdict:
    """Return the verdict that the gate of a run wrote.

    Args:
        outputs: the artifacts of the run by output name.

    Raises:
        InputError: an artifact was changed after its step, or verdict, rules, blessing, report and push do not agree.
    """
    for name in SEALED:
        seals.check(outputs[name].uri, _text(outputs[name], seals.CONTENT_DIGEST))
    blessing, folder = outputs["blessing"], Path(outputs["verdict"].uri)
    verdict = verdicts.read(folder / VERDICT)
    blessed = blessings.read(
        blessing.uri,
        _text(blessing, seals.CONTENT_DIGEST),
        bool(blessing.custom_properties[blessings.PROPERTY].int_value),
    )
    found = [
        *contradictions(verdict, blessed, _text(blessing, MODEL_DIGEST), _text(outputs["pushed_model"], PUSHED)),
        *_reported_otherwise(verdict, Path(outputs["report"].uri)),
    ]
    if found:
        parts = (folder, blessing.uri, outputs["report"].uri)
        files = " and ".join(str(path) for path in parts)
        remedy = f"remove these folders ({removal(*parts)}) and run again, which judges the candidate again"
        raise InputError(f"The artifacts of the run disagree, {files}: {' '.join(found)} To go on, {remedy}.")
    return verdict


def contradictions(verdict: Verdict, blessed: bool, digest: str, pushed: str) -> Iterator[str]:
    """Yield a sentence for each part that disagrees with the verdict.

    Args:
        verdict: the gate's.
        blessed: what the blessing says.
        digest: of the model that the blessing is for.
        pushed: the folder of the published version; "" where nothing was published.
    """
    follows = outcome_of(verdict.rules)
    checks_hold = all(line.kind != CHECK or line.outcome != "failed" for line in verdict.rules)
    # Which policy sets no pass mark is not in the lines; a failed check refuses under every policy.
    if verdict.outcome != follows and not (verdict.outcome == "reported" and checks_hold):
        yield f"The verdict is {verdict.outcome}, but {follows} follows from its rules."
    if blessed != (verdict.outcome == "blessed"):
        yield f"The verdict is {verdict.outcome}, but the blessing says {'blessed' if blessed else 'not blessed'}."
    judged = verdict.models[CANDIDATE].digest if CANDIDATE in verdict.models else "absent"
    if digest != judged:
        yield f"The verdict is on the candidate {judged}, the blessing on {digest or 'none'}."
    if bool(pushed) != blessed:
        yield f"The blessing says {'blessed' if blessed else 'not blessed'}, but {pushed or 'nothing'} was published."


def _reported_otherwise(verdict: Verdict, report: Path) -> Iterator[str]:
    reported = verdicts.read(report / VERDICT)
    if reported != verdict:
        yield f"The gate's verdict is {verdict.outcome}, the report's is {reported.outcome} or differs in its details."


def _text(artifact: ml_metadata.proto.Artifact, name: str) -> str:
    return str(artifact.custom_properties[name].string_value) if name in artifact.custom_properties else ""
