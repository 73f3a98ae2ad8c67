"""Everything that says how a run ended must say the same."""

import re
from pathlib import Path
from typing import Any

import pytest
from ml_metadata.proto import Artifact

from components.artifacts.seals import CONTENT_DIGEST
from fairgate.errors import InputError
from fairgate.files import folder_digest
from fairgate.gate import verdict as verdicts
from fairgate.gate.outcome import Outcome
from fairgate.gate.verdict import Verdict
from pipeline.agreement import agreed_verdict, contradictions
from tests.pipeline.published import HELD, verdict_on

BROKEN = HELD.model_copy(update={"outcome": "failed"})
OPEN = HELD.model_copy(update={"outcome": "unproven"})
UNSOUND = HELD.model_copy(update={"outcome": "failed", "kind": "check", "measure": ""})
REFUSED = verdict_on("sha256:a", outcome="refused", rules=(BROKEN,))
BLESSED = verdict_on("sha256:a")


@pytest.mark.parametrize(
    ("verdict", "blessed", "pushed"),
    [
        (BLESSED, True, "serving/1"),
        (REFUSED, False, ""),
        (verdict_on("sha256:a", outcome="inconclusive", rules=(OPEN,)), False, ""),
    ],
    ids=["blessed", "refused", "inconclusive"],
)
def test_run_that_agrees_with_itself(verdict: Verdict, blessed: bool, pushed: str) -> None:
    assert list(contradictions(verdict, blessed, "sha256:a", pushed)) == []


def test_policy_without_a_pass_mark_reports_whatever_its_rules_say() -> None:
    assert list(contradictions(REFUSED.model_copy(update={"outcome": "reported"}), False, "sha256:a", "")) == []


@pytest.mark.parametrize(
    ("verdict", "blessed", "digest", "pushed", "sentence"),
    [
        (REFUSED.model_copy(update={"outcome": "blessed"}), False, "sha256:a", "", "blessed, but refused follows from its rules"),
        (
            verdict_on("sha256:a", rules=(OPEN,)),
            True,
            "sha256:a",
            "serving/1",
            "blessed, but inconclusive follows from its rules",
        ),
        (verdict_on("sha256:a", rules=()), True, "sha256:a", "serving/1", "blessed, but inconclusive follows from its rules"),
        (REFUSED, True, "sha256:a", "serving/1", "refused, but the blessing says blessed"),
        (BLESSED, False, "sha256:a", "", "blessed, but the blessing says not blessed"),
        (BLESSED, True, "sha256:b", "serving/1", "on the candidate sha256:a, the blessing on sha256:b"),
        (BLESSED, True, "", "serving/1", "on the candidate sha256:a, the blessing on none"),
        (REFUSED, False, "sha256:a", "serving/1", "not blessed, but serving/1 was published"),
        (BLESSED, True, "sha256:a", "", "says blessed, but nothing was published"),
    ],
)
def test_each_contradiction_is_named(verdict: Verdict, blessed: bool, digest: str, pushed: str, sentence: str) -> None:
    assert any(sentence in found for found in contradictions(verdict, blessed, digest, pushed))


def artifact(folder: Path, **properties: Any) -> Artifact:
    """Return an artifact of TFX that is sealed as its files are now."""
    made = Artifact(uri=str(folder))
    if folder.exists():
        made.custom_properties[CONTENT_DIGEST].string_value = folder_digest(folder)
    for name, value in properties.items():
        if isinstance(value, str):
            made.custom_properties[name].string_value = value
        else:
            made.custom_properties[name].int_value = value
    return made


def outputs(folder: Path, outcome: Outcome = "refused", reported: Verdict | None = None) -> dict[str, Artifact]:
    """Return what a run left: a verdict, its blessing, its report, and what was pushed."""
    verdict, blessed = {"refused": REFUSED, "blessed": BLESSED}[outcome], outcome == "blessed"
    for name in ("verdict", "report", "blessing"):
        (folder / name).mkdir()
    verdicts.write(verdict, folder / "verdict" / "verdict.json")
    verdicts.write(reported or verdict, folder / "report" / "verdict.json")
    (folder / "blessing" / ("BLESSED" if blessed else "NOT_BLESSED")).touch()
    return {
        "verdict": artifact(folder / "verdict"),
        "report": artifact(folder / "report"),
        "blessing": artifact(folder / "blessing", blessed=int(blessed), model_digest="sha256:a"),
        "pushed_model": artifact(folder / "pushed", pushed_destination="serving/1" if blessed else ""),
    }


@pytest.mark.parametrize(("outcome", "verdict"), [("refused", REFUSED), ("blessed", BLESSED)])
def test_verdict_is_the_gates(tmp_path: Path, outcome: Outcome, verdict: Verdict) -> None:
    assert agreed_verdict(outputs(tmp_path, outcome)) == verdict


@pytest.mark.parametrize("name", ["verdict", "report"])
def test_verdict_that_was_edited_is_an_error(tmp_path: Path, name: str) -> None:
    """In the gate's artifact as in the copy that the Reporter made of it."""
    made = outputs(tmp_path)
    file = tmp_path / name / "verdict.json"
    file.write_text(file.read_text().replace('"outcome": "refused"', '"outcome": "blessed"'))
    with pytest.raises(InputError, match=rf"{name}: changed since the step wrote it .* run again, which repeats the step"):
        agreed_verdict(made)


def test_report_of_another_verdict_is_an_error(tmp_path: Path) -> None:
    made = outputs(tmp_path, reported=BLESSED)
    with pytest.raises(InputError, match="The gate's verdict is refused, the report's is blessed") as raised:
        agreed_verdict(made)
    for name in ("verdict", "report", "blessing"):
        assert re.search(rf"rm -r .*{tmp_path / name}", str(raised.value))


def test_blessing_whose_property_was_edited_is_an_error(tmp_path: Path) -> None:
    made = outputs(tmp_path)
    made["blessing"].custom_properties["blessed"].int_value = 1
    with pytest.raises(InputError, match="the blessing holds NOT_BLESSED, its metadata say blessed"):
        agreed_verdict(made)


def test_artifact_without_a_seal_is_an_error(tmp_path: Path) -> None:
    made = outputs(tmp_path)
    del made["report"].custom_properties[CONTENT_DIGEST]
    with pytest.raises(InputError, match="no step has recorded a digest"):
        agreed_verdict(made)
