"""A root folder whose report names a published model, for tests; no pipeline runs."""

from pathlib import Path
from typing import Any

from fairgate import manifest
from fairgate.files import folder_digest
from fairgate.gate import verdict as verdicts
from fairgate.gate.outcome import RuleLine
from fairgate.gate.verdict import DataInfo, ModelInfo, Provenance, Verdict

HELD = RuleLine(id="any", kind="quality", slice="overall", measure="value", outcome="passed", reason="It holds.")


def verdict_on(digest: str, **values: Any) -> Verdict:
    """Return a blessed verdict on a candidate, with other values where they are given."""
    written: dict[str, Any] = {
        "task": "digits",
        "outcome": "blessed",
        "summary": "Blessed: 1 of 1 rules hold.",
        "models": {"candidate": ModelInfo(digest=digest)},
        "overall": {},
        "rules": (HELD,),
        "slices": (),
        "omitted": {},
        "invalid_scores": {},
        "confidence": 0.95,
        "data": DataInfo(source="files"),
        "provenance": Provenance(),
    }
    return Verdict(**{**written, **values})


def write_report(version: Path, run: str = "20260302T080000Z", **values: Any) -> Path:
    """Write a report that names a version as published, with a verdict on this very model; return the report."""
    root = version.parent.parent
    report = root / "reports" / run
    report.mkdir(parents=True)
    verdicts.write(verdict_on(folder_digest(version), **values), report / "verdict.json")
    manifest.write(root, report, run, {"published model": [version]})
    return report
