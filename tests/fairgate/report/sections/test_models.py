"""Both models on all examples."""

import dataclasses

from fairgate.report.content import ReportContent
from fairgate.report.sections import models
from fairgate.report.view import build_view


def test_change_is_good_in_the_direction_of_the_metric(binary_content: ReportContent) -> None:
    """A lower error rate is good, a lower AUC is bad, a changed positive rate is neither."""
    metrics = binary_content.metrics
    fallen = metrics.assign(
        value=metrics["value"].mask(metrics["model"] == "baseline", 0.9).mask(metrics["model"] == "candidate", 0.1)
    )
    keys = metrics.loc[(metrics["model"] == "candidate") & (metrics["slice"] == "overall"), ["slice", "metric", "threshold"]]
    changes = keys.assign(low=-0.85, high=-0.75)
    changed = dataclasses.replace(binary_content, metrics=fallen, paired_changes=changes)
    lines = models.parts(build_view(changed)).values["overall"]
    found = {line["metric"]: line["verdict"] for line in lines}
    assert (found["false_positive_rate"], found["auc"], found["positive_rate"]) == ("good", "bad", "muted")


def test_change_within_its_interval_is_not_coloured(binary_content: ReportContent) -> None:
    """Nor is one whose interval is not known."""
    keys = binary_content.metrics.query("model == 'candidate' and slice == 'overall'")[["slice", "metric", "threshold"]]
    for changes in (keys.assign(low=-0.01, high=0.02), None):
        lines = models.parts(build_view(dataclasses.replace(binary_content, paired_changes=changes))).values["overall"]
        assert {line["verdict"] for line in lines} == {"muted"}


def test_tiles_are_the_metrics_of_rules(binary_content: ReportContent) -> None:
    """In the order of the rules, at most four."""
    tiles = [tile["metric"] for tile in models.parts(build_view(binary_content)).values["tiles"]]
    wanted = list(dict.fromkeys(rule.metric for rule in binary_content.verdict.rules if rule.metric))
    assert tiles == wanted[:4]


def test_one_model_alone_has_no_change(binary_content: ReportContent) -> None:
    """The change and the absent model are undefined, not 0."""
    metrics = binary_content.metrics.query("model == 'candidate'")
    line = models.parts(build_view(dataclasses.replace(binary_content, metrics=metrics))).values["overall"][0]
    assert line["baseline"] != line["baseline"]
    assert line["change"] != line["change"]
    assert line["verdict"] == "muted"
