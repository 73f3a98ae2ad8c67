import json
import math
from dataclasses import replace

import pytest

from components.evaluation.eval_config import eval_config, reference_config
from components.evaluation.extractors import plan_of, settings_of, slice_specs
from components.evaluation.keys import fairness_key
from fairgate.counting.config import EvaluationConfig, LabelSpec
from fairgate.counting.slices import SliceSpec
from fairgate.errors import InputError
from fairgate.gate.policy import Policy

TOXICITY = LabelSpec("toxicity", ("ok", "toxic"), "binary")
DIGITS = LabelSpec("label", tuple("0123456789"), "multiclass")
CONFIG = EvaluationConfig(slice_features=("gender", "race"), intersections=(("gender", "race"),), min_intersection=7)


def test_models_and_slices_of_a_binary_task() -> None:
    """The candidate first, the baseline marked, every slice declared."""
    config = eval_config(TOXICITY, CONFIG)
    assert [(spec.name, spec.is_baseline, spec.model_type) for spec in config.model_specs] == [
        ("candidate", False, "tf_generic"),
        ("baseline", True, "tf_generic"),
    ]
    assert [tuple(spec.feature_keys) for spec in config.slicing_specs] == [(), ("gender",), ("race",), ("gender", "race")]


def test_the_reference_is_evaluated_on_all_examples_alone() -> None:
    """In the place of the baseline, counted as that is: the same thresholds, contents and copies; AUCs are compared."""
    config = reference_config(TOXICITY, CONFIG, "code", content_keys=("text",), rows=100, distinct=50)
    assert [(spec.name, spec.is_baseline) for spec in config.model_specs] == [("candidate", False), ("reference", True)]
    assert [tuple(spec.feature_keys) for spec in config.slicing_specs] == [()]
    beside = settings_of(eval_config(TOXICITY, CONFIG, "code", content_keys=("text",), rows=100, distinct=50))
    assert settings_of(config) == replace(beside, auc_slices=("overall",))
    assert plan_of(config, ("candidate", "reference")).compared == (1, 0)


def test_a_multiclass_task_is_sliced_by_class() -> None:
    """And measured by metrics of classes."""
    config = eval_config(DIGITS, EvaluationConfig(), models=("candidate",))
    assert [tuple(spec.feature_keys) for spec in config.slicing_specs] == [(), ("label",)]
    assert {"SparseCategoricalAccuracy", "MultiClassConfusionMatrixPlot"} <= {
        one.class_name for one in config.metrics_specs[0].metrics
    }
    assert settings_of(config).thresholds == ()


def test_the_settings_come_back_from_the_config() -> None:
    """What the extractor and the reader need travels in the EvalConfig."""
    settings = settings_of(eval_config(TOXICITY, CONFIG))
    assert (settings.label_key, settings.classes, settings.min_intersection) == ("toxicity", ("ok", "toxic"), 7)
    assert settings.thresholds == CONFIG.thresholds


def test_slices_of_auc_rules_against_the_baseline_are_counted_together() -> None:
    """Neither those of a floor, which looks at the candidate alone, nor those of a rate."""
    guard = {"kind": "guard", "margin": 0.02}
    policy = Policy.model_validate(
        {
            "rules": [
                {"id": "a", "metric": "bpsn_auc", "slices": ["gender:*", "race:*"], **guard},
                {"id": "b", "metric": "auc", **guard},
                {"id": "c", "metric": "auc", "kind": "quality", "slices": ["religion:*"], "min": 0.7},
                {"id": "d", "metric": "false_negative_rate", "thresholds": [0.5], "slices": ["religion:*"], **guard},
            ]
        }
    )
    assert policy.auc_slices == ("gender:*", "overall", "race:*")
    settings = settings_of(eval_config(TOXICITY, CONFIG, auc_slices=policy.auc_slices, content_keys=("text",)))
    assert (settings.auc_slices, settings.content_keys) == (("gender:*", "overall", "race:*"), ("text",))


@pytest.mark.parametrize(
    ("rows", "distinct", "clustered"), [(None, None, False), (100, 95, False), (100, 94, True), (None, 94, False)]
)
def test_examples_are_clustered_where_many_are_copies(rows: int | None, distinct: int | None, clustered: bool) -> None:
    settings = settings_of(eval_config(TOXICITY, CONFIG, rows=rows, distinct=distinct))
    assert (settings.clustered, settings.distinct) == (clustered, distinct)


def test_a_weight_feature_is_named_to_tfma_too() -> None:
    """Metrics are weighted in any case: the counts are the weights."""
    weighted = LabelSpec("toxicity", ("ok", "toxic"), "binary", weight_key="w")
    assert {spec.example_weight_key for spec in eval_config(weighted, CONFIG).model_specs} == {"w"}
    assert all(spec.example_weights.weighted for spec in eval_config(TOXICITY, CONFIG).metrics_specs)


def test_the_plan_follows_the_config() -> None:
    """Slices without repetition, overall first; coarse rows suffice for the metrics that we configure, not for AUC."""
    config = eval_config(TOXICITY, CONFIG)
    plan = plan_of(config, ("candidate", "baseline"))
    assert plan.specs[0] == SliceSpec()
    assert len(plan.specs) == 4
    assert plan.signatures == {"candidate": "serving_default", "baseline": "serving_default"}
    coarse = plan.cells
    config.metrics_specs[0].metrics.add(class_name="AUC")
    assert plan_of(config, ("candidate", "baseline")).cells > coarse


def test_values_of_slices_are_typed_as_in_tfma() -> None:
    """A value that looks like a number is one."""
    config = eval_config(TOXICITY, EvaluationConfig())
    config.slicing_specs.add(feature_values={"age": "4", "gender": "male"})
    assert slice_specs(config)[1] == SliceSpec((), (("age", 4), ("gender", "male")))


def test_a_config_that_cannot_be_counted_is_an_error() -> None:
    """Without our metric, or with slices in SQL."""
    config = eval_config(TOXICITY, CONFIG)
    config.slicing_specs.add(slice_keys_sql="SELECT 1")
    with pytest.raises(InputError, match="SELECT 1"):
        slice_specs(config)
    del config.metrics_specs[:]
    with pytest.raises(InputError, match="CountedExamples"):
        settings_of(config)


@pytest.mark.parametrize("thresholds", [(0.5,), (0.1, 0.5), (0.25, 0.5), (0.1, 0.125, 0.5), (1 / 3, 0.5)])
def test_keys_are_those_of_fairness_indicators(thresholds: tuple[float, ...]) -> None:
    """The digits follow from all thresholds, as the library itself forms them."""
    from fairness_indicators.fairness_indicators_metrics import FairnessIndicators

    computations = FairnessIndicators(thresholds=list(thresholds)).computations()
    theirs = {key.name for computation in computations for key in computation.keys}
    assert {fairness_key("precision", threshold, thresholds) for threshold in thresholds} <= theirs


def test_the_evaluator_can_carry_the_config() -> None:
    """The settings are JSON, as MetricConfig wants them."""
    counted = [one for one in eval_config(TOXICITY, CONFIG).metrics_specs[0].metrics if one.class_name == "CountedExamples"]
    assert json.loads(counted[0].config)["thresholds"] == list(CONFIG.thresholds)
    assert not math.isnan(sum(CONFIG.thresholds))
