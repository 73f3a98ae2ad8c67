"""The CounterfactualTest step: measure how far a score depends on which identity a comment names.

In: the eval split of the raw examples, both models. Out: `counterfactual`, a folder with `counterfactual.json`, see
`fairgate.counterfactual`. Comments that name an identity term are scored again with each other term of its group in its
place, template sentences with every term; the text embedding is examined without the models.
"""

import importlib
from pathlib import Path
from typing import Any

from tfx.dsl.component.experimental.annotations import InputArtifact, OutputArtifact, Parameter
from tfx.dsl.component.experimental.decorators import component
from tfx.types import standard_artifacts

from components.artifacts import seals
from components.counterfactual import association
from components.counterfactual.measure import DecisionSettings
from components.counterfactual.run import run, texts
from components.modelling.seal_check import record_scored, sealed_model
from components.steps.counterfactual_settings import CounterfactualSettings
from fairgate import counterfactual as counterfactual_file
from fairgate.counterfactual import TermPair
from fairgate.names import BASELINE, CANDIDATE


@component
def CounterfactualTest(  # noqa: N802  # a TFX component is named like a class
    examples: InputArtifact[standard_artifacts.Examples],
    candidate: InputArtifact[standard_artifacts.Model],
    baseline: InputArtifact[standard_artifacts.Model],
    counterfactual: OutputArtifact[standard_artifacts.ModelEvaluation],
    settings: Parameter[str],
) -> None:
    """Swap terms, fill templates, score and measure.

    Args:
        examples: raw examples with a split eval.
        candidate: the trained model that is judged.
        baseline: the trained model that it is compared with.
        counterfactual: receives `counterfactual.json`.
        settings: CounterfactualSettings as JSON.

    Raises:
        InputError: a model is not the one that was trained.
    """
    given = CounterfactualSettings.model_validate_json(settings)
    models = {BASELINE: sealed_model(baseline.uri), CANDIDATE: sealed_model(candidate.uri)}
    decisions = DecisionSettings(given.thresholds, given.confidence)
    comments = texts(examples.uri, given.plan.text_feature)
    results = run(given.plan, decisions, given.seed, comments, models, examine_embedding(given))
    folder = Path(counterfactual.uri)
    folder.mkdir(parents=True, exist_ok=True)
    counterfactual_file.write(results, folder / counterfactual_file.FILE)
    record_scored(counterfactual, models)
    seals.seal(counterfactual)


def examine_embedding(given: CounterfactualSettings) -> list[TermPair]:
    """Examine the text embedding that the settings name; nothing where there is none."""
    if not given.embed:
        return []
    module, _, name = given.embed.rpartition(".")
    embed: Any = getattr(importlib.import_module(module), name)
    return association.examine(given.plan, lambda sentences: embed(given.training, sentences), given.confidence, given.seed)
