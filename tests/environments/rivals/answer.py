"""Ask three other tools about tables of predictions. Runs in the environment of this folder; `benchmarks/rivals.py` starts it.

In: a folder with `tables.json` and the arrays that it names. Out: one JSON object per table on standard output, tool -> answer.
The answers are "passes", "asks" (for a person, or for more evidence), "blocks", "n/a" (the tool cannot express the table).

What is configured is what a first reader of each tool's documents configures; see `TOOLS`.
"""

import contextlib
import io
import json
import sys
import tempfile
import traceback
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import bdp_model_gate as bdp
import numpy as np
import pandas as pd
from bdp_model_gate import structured
from fairness_pipeline_dev_toolkit.cli.main import main as fairpipe
from vfairness import FairnessAnalyzer
from vfairness.operations.cicd import ModelFairnessGate

PASSES, ASKS, BLOCKS, NOT_APPLICABLE, FAILS = "passes", "asks", "blocks", "n/a", "fails"
RESAMPLES = 100  # bootstrap samples; the tools' own 1,000 and 2,000 take hours for these tables
METRICS = ("demographic_parity_difference", "equalized_odds_difference")
LIMIT = 0.1  # of a difference between groups: the default of bdp-model-gate and vfairness


@dataclass(frozen=True)
class Table:
    """A table of predictions.

    Attributes:
        labels: int64[N], 0 or 1.
        candidate, baseline: float64[N] scores; baseline is None on a first run.
        groups: one column of text per slice feature.
        threshold: a score above it is a positive decision.
    """

    labels: Any
    candidate: Any
    baseline: Any
    groups: pd.DataFrame
    threshold: float

    @property
    def decisions(self) -> Any:
        """Return int64[N], the candidate's decisions."""
        return (self.candidate > self.threshold).astype(np.int64)

    @property
    def joined(self) -> Any:
        """Return one group per example: of the only feature, or of all of them joined."""
        return self.groups.agg(" / ".join, axis=1).to_numpy()


def bdp_model_gate(table: Table, config: bdp.GateConfig, *, champion: bool) -> str:
    """Run those default checks that need predictions alone, with the baseline as champion or without one."""
    config.uncertainty.bootstrap_samples = RESAMPLES
    config.performance.decision_threshold = config.fairness.decision_threshold = table.threshold
    config.fairness.intersectional = table.groups.shape[1] > 1
    checks = [
        *structured.comparison_checks(config.comparison, config.performance, config.uncertainty, config.fairness),
        structured.DisparateImpactCheck(config.fairness, config.uncertainty),
        structured.EqualisedOddsCheck(config.fairness, config.uncertainty),
        structured.SubgroupCalibrationCheck(config.fairness, config.uncertainty),
        structured.PerformanceThresholdCheck(config.performance, config.uncertainty),
        structured.CalibrationCheck(config.performance, config.uncertainty),
    ]

    def scores(rows: pd.DataFrame) -> Any:
        return table.candidate[rows["row"].to_numpy()]

    context = bdp.StructuredGateContext(
        predict_fn=scores,
        predict_proba_fn=scores,
        X=pd.DataFrame({"row": np.arange(len(table.labels))}),
        y_true=table.labels,
        y_pred=table.candidate,
        protected_df=table.groups if table.groups.shape[1] else None,
        champion=bdp.Champion(predictions=table.baseline) if champion and table.baseline is not None else None,
        task="binary",
    )
    status = bdp.ModelGate(checks=checks, config=config).run(context).gate_status
    return {"PASS": PASSES, "NEEDS_REVIEW": ASKS, "BLOCKED": BLOCKS}[status]


def bdp_defaults(table: Table) -> str:
    """AUC of at least 0.8, calibration error of at most 0.1, differences between groups of at most 0.1; against the baseline."""
    return bdp_model_gate(table, bdp.GateConfig(), champion=True)


def bdp_accuracy(table: Table) -> str:
    """Accuracy of at least 0.7 instead of the AUC, no limit on calibration errors, and without a baseline."""
    config = bdp.GateConfig()
    config.performance.metric, config.performance.min_score, config.performance.max_ece = "accuracy", 0.7, 1.0
    return bdp_model_gate(table, config, champion=False)


def vfairness_gate(table: Table) -> str:
    """The gate of the README: both differences at most 0.1, decided by the value."""
    if not table.groups.shape[1]:
        return NOT_APPLICABLE
    gate = ModelFairnessGate(metrics=list(METRICS), thresholds=dict.fromkeys(METRICS, LIMIT))
    if table.groups.shape[1] > 1:
        columns = {name: table.groups[name].to_numpy() for name in table.groups}
        status = gate.evaluate_hierarchical(table.labels, table.decisions, columns).status
    else:
        status = gate.evaluate(table.labels, table.decisions, table.joined).status
    return {"approved": PASSES, "conditional": ASKS, "blocked": BLOCKS}[status.value]


def vfairness_intervals(table: Table) -> str:
    """The verdicts of its analyzer, read from the intervals of both differences."""
    if not table.groups.shape[1]:
        return NOT_APPLICABLE
    analyzer = FairnessAnalyzer(table.labels, table.decisions, table.joined)
    settings = {"include_ci": True, "n_bootstrap": RESAMPLES, "random_state": 0}
    verdicts = {getattr(analyzer, metric)(**settings).verdict for metric in METRICS}
    return BLOCKS if "unfair" in verdicts else PASSES if verdicts == {"fair"} else ASKS


def fairpipe_validate(table: Table) -> str:
    """`fairpipe validate --metric M --threshold 0.1` for both differences; it decides by the value."""
    if not table.groups.shape[1]:
        return NOT_APPLICABLE
    codes = set()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "predictions.csv")
        table.groups.assign(y_true=table.labels, y_pred=table.decisions).to_csv(path, index=False)
        for metric in METRICS:
            columns = ["--y-true", "y_true", "--y-pred", "y_pred", "--sensitive", *table.groups]
            limit = ["--metric", metric, "--threshold", str(LIMIT)]
            codes.add(fairpipe(["validate", "--csv", str(path), *columns, *limit]))
    return BLOCKS if 1 in codes else PASSES if codes == {0} else ASKS if codes <= {0, 4} else FAILS


TOOLS: dict[str, Callable[[Table], str]] = {
    "bdp-model-gate": bdp_defaults,
    "bdp-model-gate, accuracy": bdp_accuracy,
    "vfairness, gate": vfairness_gate,
    "vfairness, intervals": vfairness_intervals,
    "fairpipe": fairpipe_validate,
}


def answers(table: Table, tools: list[str]) -> dict[str, str]:
    """Return what each tool answers; "fails" where it raises, with the error on standard error."""
    found = {}
    for name in tools:
        try:
            with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
                warnings.simplefilter("ignore")
                found[name] = TOOLS[name](table)
        except Exception:  # whatever another tool raises is its answer
            print(name, traceback.format_exc().splitlines()[-1], file=sys.stderr)
            found[name] = FAILS
    return found


def main(folder: Path) -> None:
    """Answer every table of a folder."""
    for entry in json.loads((folder / "tables.json").read_text()):
        arrays = np.load(folder / entry["file"])
        groups = pd.DataFrame({name: arrays[f"group {name}"] for name in entry["features"]}, index=range(len(arrays["labels"])))
        table = Table(arrays["labels"], arrays["candidate"], arrays.get("baseline"), groups, entry["threshold"])
        print(json.dumps({"name": entry["name"], "answers": answers(table, entry["tools"])}), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
