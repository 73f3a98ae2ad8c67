"""What a report counts of each converted row, as bits of one number: rows may move to another split after they are converted.

In: comments. Out: uint32 per row; from the rows of a split, its `SplitReport`.
"""

import numpy as np
import numpy.typing as npt

from data.comments.civil_comments import IDENTITY_COLUMNS, Comment
from data.comments.names import IDENTITIES
from data.conversion_report import SplitReport

_IDENTITY = {name: 1 << bit for bit, name in enumerate(IDENTITY_COLUMNS)}
_UNANNOTATED = {feature: 1 << len(_IDENTITY) + bit for bit, feature in enumerate(IDENTITIES)}
_POSITIVE = 1 << len(_IDENTITY) + len(_UNANNOTATED)
NAMED_VALIDATION = _POSITIVE << 1  # that the row's own column names this split

Facts = npt.NDArray[np.uint32]


def facts_of(comment: Comment) -> int:
    """Return the bits of a comment: its label, its identities, and the features of which the row says nothing."""
    bits = _POSITIVE if comment.toxic else 0
    for identities in comment.identities.values():
        for name in identities:
            bits |= _IDENTITY[name]
    for feature in comment.unannotated:
        bits |= _UNANNOTATED[feature]
    return bits


def split_report(facts: Facts, distinct: int) -> SplitReport:
    """Return the counts of a split.

    Args:
        facts: uint32[rows], of each row.
        distinct: how many different texts the rows have.
    """
    positive = facts[(facts & _POSITIVE) != 0]
    return SplitReport(
        rows=facts.size,
        positive=positive.size,
        duplicates=facts.size - distinct,
        identities=_identities(facts),
        unannotated={feature: _count(facts, bit) for feature, bit in _UNANNOTATED.items()},
        toxic=_identities(positive),
    )


def _identities(facts: Facts) -> dict[str, dict[str, int]]:
    return {feature: {name: _count(facts, _IDENTITY[name]) for name in names} for feature, names in IDENTITIES.items()}


def _count(facts: Facts, bit: int) -> int:
    return int(np.count_nonzero(facts & bit))
