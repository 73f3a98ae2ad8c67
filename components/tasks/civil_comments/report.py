"""The toxicity task's additions to a report: texts of comments and wording of the model card."""

from collections.abc import Mapping, Sequence
from typing import Any

from components.tasks.base import ReportParts
from components.tasks.civil_comments.outsiders import outsiders
from components.tasks.civil_comments.published import published
from data.comments.names import TEXT
from data.records import decode_example
from fairgate.report.content import ModelCard

CARD = ModelCard(
    title="Toxicity classifier",
    intended_use=(
        "Orders comments for human moderators by how likely most readers would call them toxic.",
        "Compares remediations against unintended bias on a public task.",
    ),
    limits=(
        "Not for deciding about people, and not for removing comments without a human.",
        "English only; the words of the comments alone, without the conversation around them.",
        "Identities are what at least half of the annotators saw in the text, not what the author is.",
        "Many comments were never annotated for identities.",
    ),
    data_sheet={
        "Label": "toxic when at least half of the raters called the comment toxic",
        "Identities": "24 identities in five features, each when at least half of the annotators saw it mentioned",
        "Origin": "Civil Comments (Jigsaw, 2019), or the generated sample with the same columns, as the source above says",
    },
    licence="Civil Comments: CC0. fairgate: Apache-2.0.",
)


def show(serialized: Sequence[bytes]) -> Mapping[str, Sequence[str]]:
    """Return the texts of raw tf.Examples."""
    return {"text": [_text(record) for record in serialized]}


def add(detail: Any, examples_uri: str, models: Mapping[str, str]) -> Mapping[str, Any]:  # noqa: ARG001  # the task interface
    """Return the task's own parts of ReportContent."""
    return {"card": CARD}


def _text(record: bytes) -> str:
    (text,) = decode_example(record)[TEXT]
    return text.decode("utf-8", "replace") if isinstance(text, bytes) else str(text)


PARTS = ReportParts(show, add, outsiders, published)
