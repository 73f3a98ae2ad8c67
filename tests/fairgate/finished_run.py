"""A finished run's root folder with everything that the library reads, for tests; no pipeline runs."""

import dataclasses
import hashlib
import json
from pathlib import Path

from fairgate import manifest
from fairgate.files import folder_digest
from fairgate.gate.policy import Policy
from fairgate.gate.verdict import ModelInfo
from fairgate.names import CANDIDATE
from fairgate.report.content import ReportContent
from fairgate.report.write import write_report
from fairgate.run_folder import CONFIGURATION, LATEST, REPORTS

RUN = "20260302T080000Z"


def write_run(root: Path, content: ReportContent, policy: Policy) -> Path:
    """Write a run with the content's report, the policy in its configuration, a model and a manifest, and return its report."""
    report = root / REPORTS / RUN
    model = root / "artifacts" / "Trainer" / "model" / "5"
    model.mkdir(parents=True)
    (model / "saved_model.pb").write_text("graph")
    configuration = json.dumps({"seed": 1, "policy": policy.model_dump(mode="json")})
    judged = ModelInfo(uri=str(model), digest=folder_digest(model))
    made = {"config_digest": hashlib.sha256(configuration.encode()).hexdigest()}
    verdict = content.verdict.model_copy(
        update={"models": {CANDIDATE: judged}, "provenance": content.verdict.provenance.model_copy(update=made)}
    )
    write_report(dataclasses.replace(content, verdict=verdict), report)
    (report / CONFIGURATION).write_text(configuration)
    manifest.write(root, report, RUN, {"models": [model]}, {"pipeline/graph.py": "sha256:" + "0" * 64})
    (root / LATEST).symlink_to(report.relative_to(root))
    return report
