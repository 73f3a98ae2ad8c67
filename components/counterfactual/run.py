"""Run the counterfactual test: swap and probe identity terms, score these texts and whole sentences with every model, measure.

In: comments, models and a plan. Out: `CounterfactualResults`.
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path

import tensorflow as tf

from components.artifacts.examples import parsed_batches
from components.counterfactual.measure import DecisionSettings, invalid_scores, measure_probes, measure_swaps
from components.counterfactual.plan import CounterfactualPlan
from components.counterfactual.probes import make_probes
from components.counterfactual.swap import select
from components.modelling import prediction
from components.modelling.text_model import TextModel
from data.records import encode_example
from fairgate.counterfactual import CounterfactualResults, SentenceScore, TermPair
from fairgate.names import EVAL


def run(
    plan: CounterfactualPlan,
    decisions: DecisionSettings,
    seed: int,
    comments: Iterable[str],
    models: Mapping[str, Path],
    embedding: Iterable[TermPair] = (),
) -> CounterfactualResults:
    """Run the whole test.

    Args:
        plan: terms, templates, how many comments.
        decisions: thresholds and the level of the intervals.
        seed: of the choice of comments.
        comments: of the eval split.
        models: name -> folder of the SavedModel.
        embedding: what `association.examine` found, where there is a text embedding.
    """
    selection, probes = select(comments, plan.groups, plan.comments_per_term, seed), make_probes(plan)
    sentences = [text for swap in selection.swaps for text in (swap.original, swap.swapped)] + [probe.text for probe in probes]
    terms, invalid = [], {}
    for name, folder in models.items():
        scores = score(folder, plan.text_feature, sentences)
        invalid[name] = invalid_scores(scores)
        terms += measure_swaps(name, selection.swaps, scores, decisions) + measure_probes(name, probes, scores, decisions)
    return CounterfactualResults(
        confidence=decisions.confidence,
        seed=seed,
        mentioned=dict(selection.mentioned),
        left_out=dict(selection.left_out),
        invalid_scores=invalid,
        terms=tuple(terms),
        embedding=tuple(embedding),
        sentences=tuple(score_sentences(plan, models)),
    )


def score_sentences(plan: CounterfactualPlan, models: Mapping[str, Path]) -> Iterator[SentenceScore]:
    """Score the whole sentences of a plan, set by set, each by every model."""
    sentences = [(name, text) for name, texts in plan.sentences.items() for text in texts]
    wanted = [text for _, text in sentences]
    opened = {name: TextModel(folder, plan.text_feature) for name, folder in models.items()} if wanted else {}
    scores = {name: model.score(wanted) for name, model in opened.items()}
    unknown = {name: model.unknown_share(wanted) for name, model in opened.items()}
    for row, (name, text) in enumerate(sentences):
        for model in opened:
            shares = unknown[model]
            share = None if shares is None else float(shares[row])
            yield SentenceScore(set=name, text=text, model=model, score=float(scores[model][row]), unknown_words=share)


def texts(uri: str, feature: str, split: str = EVAL, most: int | None = None) -> Iterator[str]:
    """Read the texts of a split, `most` of them at most, in file order; bytes that are not UTF-8 are replaced."""
    batches = parsed_batches(uri, split, {feature: tf.io.FixedLenFeature([], tf.string)})
    yield from islice((text.decode("utf-8", "replace") for batch in batches for text in batch[feature].numpy()), most)


def score(model: Path, feature: str, sentences: Iterable[str]) -> dict[str, float]:
    """Score each distinct sentence, given to the model as an example with this feature alone."""
    distinct = list(dict.fromkeys(sentences))
    if not distinct:
        return {}
    answers = prediction.answers(model, [encode_example({feature: [text.encode()]}) for text in distinct], columns=1)
    return dict(zip(distinct, answers[:, 0].tolist(), strict=True))
