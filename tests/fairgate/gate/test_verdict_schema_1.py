"""A verdict.json of version 1 is read as one of the present version."""

import json
from pathlib import Path
from typing import Any

import pytest

from fairgate.gate import verdict
from fairgate.gate.verdict_schema_1 import from_schema_1


@pytest.fixture
def schema_1() -> dict[str, Any]:
    """A verdict of version 1 on the sample, with fewer slices and metrics than it had."""
    return dict(json.loads((Path(__file__).parent / "verdict_schema_1.json").read_text(encoding="utf-8")))


def test_a_verdict_of_version_1_is_read(schema_1: dict[str, Any], tmp_path: Path) -> None:
    """As one of this version: what each rule measured is inferred, `data.splits` is dropped, all else stays."""
    path = tmp_path / "verdict.json"
    path.write_text(json.dumps({**schema_1, "data": {**schema_1["data"], "splits": {"eval": "hash"}}}))
    found = verdict.read(path)
    assert [(rule.id, rule.measure) for rule in found.rules] == [
        ("artifacts", ""),
        ("serving", ""),
        ("false-positive-gap", "ratio"),
        ("gap-shrinks", "gap_change"),
        ("false-negative-guard", "change"),
        ("auc-guard", "change"),
        ("beats-trivial", "value"),
    ]
    gap = found.rules[2]
    assert (gap.value, gap.interval, gap.limit) == (1.105166001327647, (0.960137266932096, 1.2653231591156857), 1.25)
    again = found.model_dump(mode="json")
    del schema_1["data"]["splits"]
    unknown_then = {"not_judged", "absent_groups", "absent_columns", "unknown_groups", "rows", "distinct", "changes", "waivers"}
    unknown_then |= {"impact"}
    assert not any(again.pop(name) for name in unknown_then)
    assert again.pop("policy") == {"author": "", "rationale": "", "rules": []}
    assert not any(again["data"].pop(name) for name in ("tagged_features", "where", "left_out"))
    for model in again["models"].values():
        assert not any(model.pop(name) for name in ("operating_point", "remedy", "notes"))
    assert {**again, "schema_version": 1, "rules": 0} == {**schema_1, "rules": 0}
    verdict.write(found, path)
    assert verdict.read(path) == found


@pytest.mark.parametrize(
    ("changes", "measure"),
    [
        ({"value": 0.0184}, "difference"),
        ({"value": None}, "ratio"),
        ({"value": None, "limit": 0.1}, "difference"),
        ({"value": None, "limit": None}, "difference"),
        ({"slice": "gender:female", "limit": 0.6}, "ratio"),
        ({"kind": "not_worse"}, "change"),
        ({"kind": "worst_slice"}, "value"),
    ],
)
def test_what_a_rule_of_version_1_measured_is_inferred(schema_1: dict[str, Any], changes: dict[str, Any], measure: str) -> None:
    """A gap is the ratio or difference that is nearer to its value; without one, its limit decides."""
    rules = [{**schema_1["rules"][2], **changes}]
    (rule,) = from_schema_1({**schema_1, "rules": rules}).rules
    assert rule.measure == measure


def test_metrics_of_version_1_get_their_present_names(schema_1: dict[str, Any]) -> None:
    """In rules, slices, their intervals and overall, with the threshold that is part of a name there."""
    line = {**schema_1["slices"][0], "final_score": 0.8, "precision_gap": 0.1, "mine": 1.0}
    line["interval"] = {"final_score": [0.7, 0.9]}
    rule = {**schema_1["rules"][3], "metric": "train_test_gap"}
    overall = {"precision_gap@0.5": {"candidate": 0.1}, "mine": {"candidate": 1.0}}
    found = from_schema_1({**schema_1, "rules": [rule], "slices": [line], "overall": overall})
    assert found.rules[0].metric == "train_test_accuracy_difference"
    assert {"jigsaw_score", "precision_difference_to_rest", "mine"} <= set(found.slices[0].metrics)
    assert "final_score" not in found.slices[0].metrics
    assert found.slices[0].interval == {"jigsaw_score": (0.7, 0.9)}
    assert list(found.overall) == ["precision_difference_to_rest@0.5", "mine"]
