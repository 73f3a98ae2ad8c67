"""Edited examples for the report: identity terms swapped or removed, which words carried the score, the nearest opposite.

In: the examples that the report shows, the terms, both models. Out: the tables `edits`, `word_shares` and `nearest` of
ReportContent. All of them hold words of examples, so a report without text has none of them.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from components.counterfactual.nearest import nearest_opposites
from components.counterfactual.plan import CounterfactualPlan
from components.counterfactual.swap import Swapper
from components.modelling.text_model import TextModel
from fairgate.names import BASELINE, CANDIDATE
from fairgate.report.examples import MAX_TEXT

PER_REASON = 5  # examples
PER_EXAMPLE = 8  # edits
CHANGED, WRONG = "most changed", "most wrong of the harmless"


@dataclass(frozen=True)
class EditSettings:
    """What is edited.

    Attributes:
        plan: the terms, and the text feature of the models.
        harmless: the label of negative examples.
        threshold: of decisions.
    """

    plan: CounterfactualPlan
    harmless: str
    threshold: float


@dataclass(frozen=True)
class Edit:
    """An edited text.

    Attributes:
        kind: "original", "swapped" or "removed".
        group, term: that were edited; "" for the original.
        other: that stands in the term's place; "" where none does.
        text: after the edit.
    """

    kind: str
    group: str
    term: str
    other: str
    text: str


def edit_tables(examples: pd.DataFrame, models: Mapping[str, str], given: EditSettings) -> dict[str, pd.DataFrame]:
    """Edit the most changed examples and the most wrong harmless ones that name a term, and let both models score them again.

    Args:
        examples: `ReportContent.examples` with the column text.
        models: "baseline" and "candidate" -> folder of the SavedModel.
        given: what is edited.

    Returns:
        the tables edits, word_shares and nearest; empty where no example names a term.
    """
    swappers = {name: Swapper(group) for name, group in given.plan.groups.items()}
    chosen = choose(examples, swappers, given.harmless)
    if chosen.empty:
        return {}
    opened = {name: TextModel(Path(models[name]), given.plan.text_feature) for name in (BASELINE, CANDIDATE)}
    rows = [
        {"example": number, "reason": row["reason"], "label": row["label"], **vars(edit)}
        for number, row in enumerate(chosen.to_dict("records"))
        for edit in edits_of(row["text"], swappers)
    ]
    table = pd.DataFrame(rows)
    scores = {name: model.score(table["text"].tolist()) for name, model in opened.items()}
    tables = {"edits": table.assign(**scores), "word_shares": _word_shares(chosen["text"].tolist(), opened)}
    found = _nearest(examples, chosen, given.threshold)
    return tables if found.empty else {**tables, "nearest": found}


def choose(examples: pd.DataFrame, swappers: Mapping[str, Swapper], harmless: str) -> pd.DataFrame:
    """Return the examples to be edited, with their row in `examples` as index and the column reason; each text once.

    First those whose score changed most between the models, then the harmless ones with the highest score by the candidate.
    Examples that name no term, or whose text the report cuts, are left out.
    """
    whole = examples[[len(text) <= MAX_TEXT for text in examples["text"]]]
    changed = (whole[CANDIDATE] - whole[BASELINE]).abs().sort_values(ascending=False, kind="stable").index
    wrong = whole[whole["label"].astype(str) == harmless].sort_values(CANDIDATE, ascending=False, kind="stable").index
    reasons: dict[int, str] = {}
    seen: set[str] = set()
    for reason, ranked in ((CHANGED, changed), (WRONG, wrong)):
        left = PER_REASON
        for row in ranked:
            text = str(examples.at[row, "text"])
            if left and text not in seen and any(swapper.terms(text) for swapper in swappers.values()):
                reasons[row], left = reason, left - 1
                seen.add(text)
    return examples.loc[list(reasons)].assign(reason=list(reasons.values()))


def edits_of(text: str, swappers: Mapping[str, Swapper]) -> list[Edit]:
    """Return the text as it is, then each term swapped and removed; every text once, PER_EXAMPLE edits at most.

    Terms are removed first, so that a limit leaves out further swaps.
    """
    edits = {text: Edit("original", "", "", "", text)}
    for edit in (*_removals(text, swappers), *_swaps(text, swappers)):
        edits.setdefault(edit.text, edit)
    return list(edits.values())[: PER_EXAMPLE + 1]


def _removals(text: str, swappers: Mapping[str, Swapper]) -> Iterator[Edit]:
    for name, swapper in swappers.items():
        for term in swapper.terms(text):
            yield Edit("removed", name, term, "", swapper.remove(text, term))


def _swaps(text: str, swappers: Mapping[str, Swapper]) -> Iterator[Edit]:
    for name, swapper in swappers.items():
        for term, other, swapped in swapper.swaps(text):
            yield Edit("swapped", name, term, other, swapped)


def _word_shares(texts: Sequence[str], models: Mapping[str, TextModel]) -> pd.DataFrame:
    """Return one row per example, model and word, and one at position -1, without a word, for the rest of the logit."""
    rows: list[dict[str, Any]] = []
    for name, model in models.items():
        for example, found in enumerate(model.explain(texts)):
            words = [("", found.rest), *zip(found.words, found.shares, strict=True)]
            rows += [
                {"example": example, "model": name, "position": place - 1, "word": word, "share": share, "exact": found.exact}
                for place, (word, share) in enumerate(words)
            ]
    return pd.DataFrame(rows)


def _nearest(examples: pd.DataFrame, chosen: pd.DataFrame, threshold: float) -> pd.DataFrame:
    """Return for each chosen example the nearest one that the candidate decides otherwise."""
    places = {row: place for place, row in enumerate(examples.index)}
    asked = [places[row] for row in chosen.index]
    candidates = examples[CANDIDATE].to_numpy(np.float64)
    rows = []
    for example, found in enumerate(nearest_opposites(examples["text"].tolist(), candidates, threshold, asked)):
        if found is not None:
            other = examples.iloc[found.row]
            numbers = {"baseline": other[BASELINE], "candidate": other[CANDIDATE], "distance": found.distance}
            rows.append({"example": example, "text": other["text"], "label": other["label"], **numbers, "n": len(examples)})
    return pd.DataFrame(rows)
