"""The DataGate step: stop the run before training when the data cannot support an honest model.

In: examples, schema and the anomalies that ExampleValidator found. Out: `data_blessing`, a sealed folder with `facts.json`.
Raises InputError with every finding; the decision itself is `components.validation.decision.judge`.
"""

import json
from pathlib import Path

from tfx.dsl.component.experimental.annotations import InputArtifact, OutputArtifact, Parameter
from tfx.dsl.component.experimental.decorators import component
from tfx.types import standard_artifacts

from components.artifacts import seals
from components.validation.decision import described, judge
from components.validation.facts import DataNames, gather, write
from components.validation.rules import DataRules
from fairgate.errors import InputError


@component
def DataGate(  # noqa: N802  # a TFX component is named like a class
    examples: InputArtifact[standard_artifacts.Examples],
    schema: InputArtifact[standard_artifacts.Schema],
    anomalies: InputArtifact[standard_artifacts.ExampleAnomalies],
    data_blessing: OutputArtifact[standard_artifacts.ModelEvaluation],
    rules: Parameter[str],
    labels: Parameter[str],
    source_digest: Parameter[str],  # noqa: ARG001  # part of the cache key
) -> None:
    """Judge the splits.

    Args:
        examples: raw examples, splits train, eval and perhaps validation.
        schema: the curated schema; it has the features' types.
        anomalies: of all splits.
        data_blessing: receives `facts.json`.
        rules: DataRules as JSON.
        labels: JSON of {"key", "classes" (values), "slices" (feature -> known values), "evaluated" and "texts" (features)}.
        source_digest: of the step's source.
    """
    limits = DataRules.model_validate_json(rules)
    names = json.loads(labels)
    expected = {feature: tuple(names["slices"][feature]) for feature in names["evaluated"] if feature in names["slices"]}
    looked_at = DataNames(names["key"], tuple(names["slices"]), limits.text_feature, expected, tuple(names["texts"]))
    facts = gather(examples.uri, schema.uri, anomalies.uri, looked_at)
    findings = judge(facts, limits, tuple(names["classes"]))
    if findings:
        raise InputError(described(findings))
    write(facts, Path(data_blessing.uri))
    seals.seal(data_blessing)
