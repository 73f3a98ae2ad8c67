"""Civil Comments: names, public files, and the rule that turns one source row into one canonical comment.

In: a row of any supported source as a mapping from column to cell. Out: a `Comment`, None for a row without text, or
`MalformedRowError`. Pure Python; imports nothing heavy.

The rule is that of `fairness_indicators.tutorial_utils.util.convert_comments_data`: the label is 1 when at least half of the
raters called the comment toxic, and a feature lists the identities that at least half of the annotators saw in it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType

from data.comments.cells import Cell, MalformedRowError, Scale, fraction, is_missing, quoted
from data.comments.group_names import read_groups
from data.comments.labels import LABEL_COLUMNS, THRESHOLD, read_labels
from data.comments.names import IDENTITIES, TEXT
from data.comments.tagging import tag
from data.text_lines import UNREADABLE

__all__ = [
    "IDENTITY_COLUMNS",
    "LABEL_COLUMNS",
    "PLAIN_CELLS",
    "PUBLIC_FILES",
    "SPLIT",
    "UNUSED_COLUMNS",
    "Cell",
    "CellRules",
    "Comment",
    "MalformedRowError",
    "parse_comment",
]

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

PUBLIC_FOLDER = "https://storage.googleapis.com/civil_comments_dataset/"
PUBLIC_FILES: Mapping[str, str] = MappingProxyType(
    {
        "train": PUBLIC_FOLDER + "train_tf.tfrecord",
        "eval": PUBLIC_FOLDER + "validate_tf.tfrecord",
        "train_processed": PUBLIC_FOLDER + "train_tf_processed.tfrecord",
        "eval_processed": PUBLIC_FOLDER + "validate_tf_processed.tfrecord",
    }
)


@dataclass(frozen=True)
class CellRules:
    """How the cells of a source are read.

    Attributes:
        tagged: features to tag by word where the row has no annotation of them; what people annotated stays.
        thresholds: label column -> the least fraction that is positive; THRESHOLD for the others.
        groups: feature -> value of a cell as `group_names.plain` returns it -> the group that the user says it means.
        scales: label column -> the scale of its ratings.
    """

    tagged: tuple[str, ...] = ()
    thresholds: Mapping[str, float] = field(default_factory=dict)
    groups: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    scales: Mapping[str, Scale] = field(default_factory=dict)


PLAIN_CELLS = CellRules()


@dataclass(frozen=True)
class Comment:
    """One comment in canonical form.

    Attributes:
        text: never empty, valid UTF-8, no NUL.
        toxic: whether at least half of the raters called it toxic, or any label that the user names reaches its threshold.
        identities: for each of the five features, the identities that at least half of the annotators saw, in the order of
            `IDENTITIES`; empty when none or not annotated.
        unannotated: the features of which the row says nothing, not even that there is none; not part of the canonical form.
        labels: label column -> the way in which the row writes it, as `LabelReport.rows` has it; likewise.
        unknown: feature -> the values of its cell that are no known group; likewise.
        missing: identity or feature -> what its cell holds that says nothing, such as "NA"; likewise.
    """

    text: str
    toxic: bool
    identities: Mapping[str, tuple[str, ...]]
    unannotated: tuple[str, ...] = field(default=(), compare=False)
    labels: Mapping[str, str] = field(default_factory=dict, compare=False)
    unknown: Mapping[str, tuple[str, ...]] = field(default_factory=dict, compare=False)
    missing: Mapping[str, str] = field(default_factory=dict, compare=False)


def parse_comment(row: Mapping[str, Cell], rules: CellRules = PLAIN_CELLS) -> Comment | None:
    """Return the canonical comment of a source row, or None if its text is empty.

    Args:
        row: cells by column. An identity cell that is missing, empty or says NA or the like counts as not annotated. A cell
            under a feature's name (`gender`, …) holds names of groups and takes precedence over its identity columns; one with
            an unknown value counts as not annotated.
        rules: how the cells are read.

    Raises:
        MalformedRowError: the text is not a text, the label is missing, or a cell is not a fraction from 0 to 1.
    """
    text = text_of(row)
    if not text:
        return None
    toxic, labels = read_labels(row, rules.thresholds, rules.scales)
    unknown: dict[str, tuple[str, ...]] = {}
    missing: dict[str, str] = {}
    seen = {feature: _identities(feature, row, rules, unknown, missing) for feature in IDENTITIES}
    if rules.tagged:
        by_word = tag(text)
        seen.update((feature, by_word[feature]) for feature in rules.tagged if seen[feature] is None)
    unannotated = tuple(feature for feature, identities in seen.items() if identities is None)
    identities = {feature: names or () for feature, names in seen.items()}
    return Comment(text, toxic, identities, unannotated, labels, unknown, missing)


def text_of(row: Mapping[str, Cell]) -> str:
    """Return the text of a source row; "" if it has none.

    Raises:
        MalformedRowError: it is not one text, or not valid: it holds NUL, or bytes of another encoding.
    """
    cell = row.get(TEXT, "")
    if isinstance(cell, tuple):
        raise MalformedRowError(f"{TEXT} has {len(cell)} values, not one text")
    if not isinstance(cell, str):
        raise MalformedRowError(f"{TEXT} is {quoted(cell)}, not a text")
    try:
        cell.encode()  # fails on the lone surrogates by which readers replace bytes they cannot decode
    except UnicodeEncodeError:
        remedy = "" if UNREADABLE in cell else "; if the file has another encoding, name it: --encoding cp1252"
        raise MalformedRowError(f"{TEXT} holds bytes that are not UTF-8, or NUL{remedy}") from None
    if "\0" in cell:
        raise MalformedRowError(f"{TEXT} holds bytes that are not UTF-8, or NUL")
    return cell


def _identities(
    feature: str, row: Mapping[str, Cell], rules: CellRules, unknown: dict[str, tuple[str, ...]], missing: dict[str, str]
) -> tuple[str, ...] | None:
    """Return the identities of a feature, None if they are not annotated; an empty list of a processed row may mean either.

    Values that are no known group are added to `unknown`, and cells that say nothing without being empty to `missing`.
    """
    listed = row.get(feature)
    if listed is None:
        seen, words = _seen(feature, tuple(map(row.get, IDENTITIES[feature])))
        missing.update(words)
        return seen
    groups, values = read_groups(feature, listed, rules.groups.get(feature, {}))
    if values:
        unknown[feature] = values
    elif groups is None and (listed or listed == 0):
        missing[feature] = _word(listed)
    return groups


Words = tuple[tuple[str, str], ...]


@lru_cache(maxsize=1 << 16)  # few combinations of rater fractions make up most rows
def _seen(feature: str, cells: tuple[Cell | None, ...]) -> tuple[tuple[str, ...] | None, Words]:
    """Return the identities that at least half of the annotators saw, and of each cell that says nothing how it does so."""
    told = [(name, cell) for name, cell in zip(IDENTITIES[feature], cells, strict=True) if cell is not None and cell != ""]
    words = tuple((name, _word(cell)) for name, cell in told if is_missing(cell))
    if len(words) == len(told):
        return None, words
    return tuple(name for name, cell in told if not is_missing(cell) and fraction(name, cell) >= THRESHOLD), words


def _word(cell: Cell) -> str:
    return str(cell).strip() or " "
