"""Read a verdict of version 1 as one of the present version.

In: the values of a `verdict.json` that an earlier fairgate wrote. Out: a `Verdict`.
"""

import math
from collections.abc import Mapping
from typing import Any

from fairgate.gate.outcome import CHECK, RuleLine, RuleMeasure
from fairgate.gate.verdict import SCHEMA_VERSION, SliceLine, Verdict
from fairgate.names import CANDIDATE, OVERALL
from fairgate.table import present_names

_MEASURES: dict[str, RuleMeasure] = {CHECK: "", "guard": "change", "not_worse": "change", "improvement": "gap_change"}


def from_schema_1(written: Mapping[str, Any]) -> Verdict:
    """Return the verdict of a file of version 1.

    That version has a field `data.splits`, former names of metrics, and does not name what a rule measured.

    Raises:
        pydantic.ValidationError: it is not a verdict.
    """
    changes: dict[str, Any] = {"schema_version": SCHEMA_VERSION}
    if isinstance(written.get("rules"), list):
        changes["rules"] = [{**rule, "measure": ""} if isinstance(rule, dict) else rule for rule in written["rules"]]
    if isinstance(written.get("data"), dict):
        changes["data"] = {key: value for key, value in written["data"].items() if key != "splits"}
    verdict = Verdict.model_validate({**written, **changes})
    rules = tuple(
        rule.model_copy(update={"measure": _measure(rule, verdict), "metric": _present_name(rule.metric)})
        for rule in verdict.rules
    )
    overall = {_present_name(name): values for name, values in verdict.overall.items()}
    slices = tuple(_with_present_names(line) for line in verdict.slices)
    return verdict.model_copy(update={"rules": rules, "overall": overall, "slices": slices})


def _with_present_names(line: SliceLine) -> SliceLine:
    metrics = {_present_name(name): value for name, value in line.metrics.items()}
    interval = {_present_name(name): ends for name, ends in line.interval.items()}
    return SliceLine.model_validate({**line.model_dump(exclude=set(line.metrics)), **metrics, "interval": interval})


def _present_name(written: str) -> str:
    """Return the present name of a metric, with the threshold that may follow it: "final_score", "precision_gap@0.5"."""
    name, at, threshold = written.partition("@")
    return present_names([name])[name] + at + threshold


def _measure(rule: RuleLine, verdict: Verdict) -> RuleMeasure:
    """Infer what a rule measured: from its kind; for a gap, the ratio or difference to overall that is nearer to its value."""
    if rule.kind != "gap":
        return _MEASURES.get(rule.kind, "value")
    lines = {line.slice: line for line in verdict.slices if line.model == CANDIDATE and line.threshold == rule.threshold}
    own, whole = (lines[name].metrics.get(rule.metric) if name in lines else None for name in (rule.slice, OVERALL))
    if rule.value is None or own is None or whole is None:
        return "ratio" if rule.limit is not None and rule.limit >= 0.5 else "difference"
    ratio = own / whole if whole else math.inf
    return "difference" if abs(own - whole - rule.value) < abs(ratio - rule.value) else "ratio"
