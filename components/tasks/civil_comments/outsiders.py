"""Ask the candidate about texts unlike those of training: other languages and scripts, emoji, digits, an almost empty text.

In: decoded examples of train, the candidate. Out: the parts `outsiders` and `profile` of ReportContent.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from components.modelling import metadata
from components.modelling.text_model import TextModel
from components.tasks.civil_comments.domain import differences, profile, text_of
from data.comments.names import TEXT
from fairgate.model_facts import DEFAULT_THRESHOLD

# Harmless, all of them.
TEXTS: Mapping[str, str] = {
    "German": "Vielen Dank für den schönen Artikel über die neuen Gärten in unserer Stadt.",
    "Spanish": "Muchas gracias por el artículo sobre los nuevos jardines de nuestra ciudad.",
    "Russian": "Спасибо за прекрасную статью о новых садах нашего города.",  # noqa: RUF001  # Russian
    "Chinese": "感谢您撰写这篇关于我们城市新花园的精彩文章。",
    "Arabic": "شكرا جزيلا على المقال الجميل عن الحدائق الجديدة في مدينتنا.",
    "emoji alone": "😀🌷🌷👍",
    "digits and signs": "+49 30 123456 / 17:30",
    "one full stop": ".",
    "words of no language": "Brillig slithy toves gyre gimble wabe mimsy borogoves outgrabe raths.",
    "a very long text": "Thank you for the article. " * 400,
}
_SHOWN = 60  # characters
_HALF = 0.5


def outsiders(train: Sequence[Mapping[str, Any]], model: str) -> Mapping[str, Any]:
    """Return what the candidate decides on texts of other kinds, with the warnings of `fairgate predict`.

    Args:
        train: decoded examples, at least one.
        model: folder of the candidate.
    """
    known = profile([text_of(row.get(TEXT, ())) for row in train])
    said = metadata.read(model)
    point = None if said is None else said.operating_point
    threshold = DEFAULT_THRESHOLD if point is None else point.threshold
    opened = TextModel(Path(model), TEXT)
    texts = list(TEXTS.values())
    scores, unknown = opened.score(texts), opened.unknown_share(texts)
    shares = [0.0] * len(texts) if unknown is None else unknown.tolist()
    rows = [
        {
            "input": f"{name}: {text[:_SHOWN]}{'…' if len(text) > _SHOWN else ''}",
            "decision": "toxic" if score > threshold else "non-toxic",
            "value": float(score),
            "warnings": "; ".join([*differences(text, known), *_unknown(share)]),
        }
        for (name, text), score, share in zip(TEXTS.items(), scores, shares, strict=True)
    ]
    return {"outsiders": pd.DataFrame(rows), "profile": known}


def _unknown(share: float) -> Iterator[str]:
    """Yield what `fairgate predict` says of the share of words that the model does not know; NaN is a text without words."""
    if share == 1:
        yield "the model knows no word of it"
    elif share >= _HALF:
        yield "the model knows at most half of its words"
