"""The CounterfactualTest step: does a score depend on which identity a comment names?

In: the eval split of the raw examples, both models. Out: `counterfactual`, a folder with `counterfactual.json`, see
`fairgate.counterfactual`. Comments that name an identity term are scored again with each other term of its group in its
place, template sentences with every term; the text embedding is examined without the models.
"""

import importlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import tensorflow as tf
from tfx.dsl.component.experimental.annotations import InputArtifact, OutputArtifact, Parameter
from tfx.dsl.component.experimental.decorators import component
from tfx.types import standard_artifacts

from components.artifacts.examples import parsed_batches
from components.counterfactual import association
from components.counterfactual.measure import Judging, invalid_scores, measure_probes, measure_swaps
from components.counterfactual.probes import make_probes
from components.counterfactual.swap import select
from components.modelling import prediction
from components.steps.counterfactual_settings import CounterfactualSettings
from components.steps.fairness_gate import MODEL_FOLDER
from data.records import encode_example
from fairgate import counterfactual as counterfactual_file
from fairgate.counterfactual import CounterfactualResults, TermPair
from fairgate.names import BASELINE, CANDIDATE


@component
def CounterfactualTest(  # noqa: N802  # a TFX component is named like a class
    examples: InputArtifact[standard_artifacts.Examples],
    candidate: InputArtifact[standard_artifacts.Model],
    baseline: InputArtifact[standard_artifacts.Model],
    counterfactual: OutputArtifact[standard_artifacts.ModelEvaluation],
    settings: Parameter[str],
) -> None:
    """Swaps, probes, scores, measures.

    Args:
        examples: raw examples with a split eval.
        candidate: the trained model that is judged.
        baseline: the trained model that it is compared with.
        counterfactual: receives `counterfactual.json`.
        settings: CounterfactualSettings as JSON.
    """
    given = CounterfactualSettings.model_validate_json(settings)
    models = {BASELINE: Path(baseline.uri, MODEL_FOLDER), CANDIDATE: Path(candidate.uri, MODEL_FOLDER)}
    found = run(given, texts(examples.uri, given.plan.text_feature), models)
    folder = Path(counterfactual.uri)
    folder.mkdir(parents=True, exist_ok=True)
    counterfactual_file.write(found, folder / counterfactual_file.FILE)


def run(given: CounterfactualSettings, comments: Iterable[str], models: Mapping[str, Path]) -> CounterfactualResults:
    """The whole test.

    Args:
        given: what to test.
        comments: of the eval split.
        models: name -> folder of the SavedModel.
    """
    plan, judging = given.plan, Judging(given.thresholds, given.confidence)
    selection, probes = select(comments, plan.groups, plan.comments_per_term, given.seed), make_probes(plan)
    sentences = [text for swap in selection.swaps for text in (swap.original, swap.swapped)] + [probe.text for probe in probes]
    terms, invalid = [], {}
    for name, folder in models.items():
        scores = score(folder, plan.text_feature, sentences)
        invalid[name] = invalid_scores(scores)
        terms += measure_swaps(name, selection.swaps, scores, judging) + measure_probes(name, probes, scores, judging)
    return CounterfactualResults(
        confidence=given.confidence,
        seed=given.seed,
        mentioned=dict(selection.mentioned),
        left_out=dict(selection.left_out),
        invalid_scores=invalid,
        terms=tuple(terms),
        embedding=tuple(_embedding(given)),
    )


def texts(uri: str, feature: str) -> Iterator[str]:
    """The texts of the eval split, in file order."""
    for batch in parsed_batches(uri, "eval", {feature: tf.io.FixedLenFeature([], tf.string)}):
        yield from (text.decode("utf-8", "replace") for text in batch[feature].numpy())


def score(model: Path, feature: str, sentences: Iterable[str]) -> dict[str, float]:
    """What a model says to each distinct sentence, given as an example with this feature alone."""
    distinct = list(dict.fromkeys(sentences))
    if not distinct:
        return {}
    answers = prediction.answers(model, [encode_example({feature: [text.encode()]}) for text in distinct], columns=1)
    return dict(zip(distinct, answers[:, 0].tolist(), strict=True))


def _embedding(given: CounterfactualSettings) -> list[TermPair]:
    if not given.embed:
        return []
    module, _, name = given.embed.rpartition(".")
    embed: Any = getattr(importlib.import_module(module), name)
    return association.examine(given.plan, lambda sentences: embed(given.training, sentences), given.confidence, given.seed)
