"""Civil Comments: names, public files, and the rule that turns one source row into one canonical comment.

In: a row of any supported source as a mapping from column to cell. Out: a `Comment`, None for a row without text, or
`MalformedRowError`. Pure Python; imports nothing heavy.

The rule is that of `fairness_indicators.tutorial_utils.util.convert_comments_data`: the label is 1 when at least half of the
raters called the comment toxic, and a feature lists the identities that at least half of the annotators saw in it.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType

from data.comments.names import IDENTITIES, LABEL, TEXT
from data.comments.tagging import tag
from data.text_lines import UNREADABLE

KAGGLE_LABEL = "target"
LABEL_COLUMNS = (LABEL, KAGGLE_LABEL)  # the label is the first of these columns that a source has
SPLIT = "split"

IDENTITY_COLUMNS: tuple[str, ...] = tuple(name for names in IDENTITIES.values() for name in names)
# Kaggle's other columns. No example has them, and none is a misspelt identity ("rating" is two edits from "latino").
UNUSED_COLUMNS = frozenset(
    (
        "id",
        "created_date",
        "publication_id",
        "parent_id",
        "article_id",
        "rating",
        "funny",
        "wow",
        "sad",
        "likes",
        "disagree",
        "severe_toxicity",
        "obscene",
        "identity_attack",
        "insult",
        "threat",
        "sexual_explicit",
        "identity_annotator_count",
        "toxicity_annotator_count",
    )
)
THRESHOLD = 0.5  # of the raters, for the label and for each identity

PUBLIC_FOLDER = "https://storage.googleapis.com/civil_comments_dataset/"
PUBLIC_FILES: Mapping[str, str] = MappingProxyType(
    {
        "train": PUBLIC_FOLDER + "train_tf.tfrecord",
        "eval": PUBLIC_FOLDER + "validate_tf.tfrecord",
        "train_processed": PUBLIC_FOLDER + "train_tf_processed.tfrecord",
        "eval_processed": PUBLIC_FOLDER + "validate_tf_processed.tfrecord",
    }
)

Cell = str | float | tuple[str, ...]  # text or a number as text (CSV), a number (raw TFRecord), names (processed TFRecord)
_SHOWN = 40  # characters of an offending value that a reason quotes


class MalformedRowError(ValueError):
    """A row that cannot be read; the message is the reason, without the comment's text."""


@dataclass(frozen=True)
class Comment:
    """One comment in canonical form.

    Attributes:
        text: never empty, valid UTF-8, no NUL.
        toxic: whether at least half of the raters called it toxic.
        identities: for each of the five features, the identities that at least half of the annotators saw, in the order of
            `IDENTITIES`; empty when none or not annotated.
        unannotated: the features of which the row says nothing, not even that there is none; not part of the canonical form.
    """

    text: str
    toxic: bool
    identities: Mapping[str, tuple[str, ...]]
    unannotated: tuple[str, ...] = field(default=(), compare=False)


def parse_comment(row: Mapping[str, Cell], tagged: Collection[str] = ()) -> Comment | None:
    """Return the canonical comment of a source row, or None if its text is empty.

    Args:
        row: cells by column. A missing or empty identity cell counts as not annotated. A tuple under a feature's name
            (`gender`, …) is the list of an already processed row and takes precedence over its identity columns.
        tagged: features to tag by word where the row has no annotation of them; what people annotated stays.

    Raises:
        MalformedRowError: the text is not a text, the label is missing, or a cell is not a fraction from 0 to 1.
    """
    text = text_of(row)
    if not text:
        return None
    toxic = _is_toxic(row)
    seen = {feature: _identities(feature, row) for feature in IDENTITIES}
    if tagged:
        by_word = tag(text)
        seen.update((feature, by_word[feature]) for feature in tagged if seen[feature] is None)
    unannotated = tuple(feature for feature, identities in seen.items() if identities is None)
    return Comment(text, toxic, {feature: identities or () for feature, identities in seen.items()}, unannotated)


def text_of(row: Mapping[str, Cell]) -> str:
    """Return the text of a source row; "" if it has none.

    Raises:
        MalformedRowError: it is not one text, or not valid: it holds NUL, or bytes of another encoding.
    """
    cell = row.get(TEXT, "")
    if isinstance(cell, tuple):
        raise MalformedRowError(f"{TEXT} has {len(cell)} values, not one text")
    if not isinstance(cell, str):
        raise MalformedRowError(f"{TEXT} is {_quote(cell)}, not a text")
    try:
        cell.encode()  # fails on the lone surrogates by which readers replace bytes they cannot decode
    except UnicodeEncodeError:
        remedy = "" if UNREADABLE in cell else "; if the file has another encoding, name it: --encoding cp1252"
        raise MalformedRowError(f"{TEXT} holds bytes that are not UTF-8, or NUL{remedy}") from None
    if "\0" in cell:
        raise MalformedRowError(f"{TEXT} holds bytes that are not UTF-8, or NUL")
    return cell


def _is_toxic(row: Mapping[str, Cell]) -> bool:
    for column in LABEL_COLUMNS:
        if column in row:
            if row[column] == "":
                raise MalformedRowError(f"{column} is empty")
            return _fraction(column, row[column]) >= THRESHOLD
    raise MalformedRowError(f"{LABEL} is missing")


def _identities(feature: str, row: Mapping[str, Cell]) -> tuple[str, ...] | None:
    """Return the identities of a feature, None if they are not annotated; an empty list of a processed row may mean either."""
    known = IDENTITIES[feature]
    listed = row.get(feature)
    if isinstance(listed, tuple):
        if unknown := sorted(set(listed).difference(known)):
            raise MalformedRowError(f"{feature} lists {_quote(unknown[0])}, which is none of {', '.join(known)}")
        return tuple(name for name in known if name in listed) or None
    return _seen(feature, tuple(map(row.get, known)))


@lru_cache(maxsize=1 << 16)  # few combinations of rater fractions make up most rows
def _seen(feature: str, cells: tuple[Cell | None, ...]) -> tuple[str, ...] | None:
    if all(cell is None or cell == "" for cell in cells):
        return None
    columns = zip(IDENTITIES[feature], cells, strict=True)
    return tuple(name for name, cell in columns if cell is not None and cell != "" and _fraction(name, cell) >= THRESHOLD)


def _fraction(column: str, cell: Cell) -> float:
    if isinstance(cell, tuple):
        raise MalformedRowError(f"{column} has {len(cell)} values, not one number")
    try:
        number = _number(cell) if isinstance(cell, str) else cell
    except ValueError:
        raise MalformedRowError(f"{column} is {_quote(cell)}, not a number") from None
    if not 0 <= number <= 1:  # also catches NaN
        raise MalformedRowError(f"{column} is {_quote(cell)}, not a fraction from 0 to 1")
    return number


def _number(cell: str) -> float:
    if "_" in cell:  # Python reads 0_1 as 1
        raise ValueError(cell)
    return float(cell)


def _quote(value: object) -> str:
    shown = repr(value)
    return shown if len(shown) <= _SHOWN else f"{shown[:_SHOWN]}…"
