"""Discover the worst slices of a table of predictions, that nobody has named.

In: rows in memory or files, the roles of their columns. Out: `Discovery`. The table is read as `evaluate` reads it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from numbers import Real
from typing import Any, get_args

import numpy as np
import pyarrow as pa

from fairgate.asked import option, typed
from fairgate.counting.cells import Floats, Ints
from fairgate.counting.slices import MAX_SLICES
from fairgate.discovery.events import Side, question
from fairgate.discovery.gather import EQUAL_ROWS, ExampleBatch, ExampleGatherer, labels_of_classes
from fairgate.discovery.result import DEPTH, MIN_EXAMPLES, Discovery
from fairgate.discovery.rows import Condition
from fairgate.errors import InputError, UnknownNameError
from fairgate.judging import counting, values
from fairgate.judging.arguments import column_list, column_name, expression, group_columns, score_columns, threshold_list
from fairgate.judging.class_names import class_names
from fairgate.judging.copies import Copies, hash_values, is_fine
from fairgate.judging.groups import read_groups, read_slice
from fairgate.judging.keys import cluster_names
from fairgate.judging.labels import LabelReader
from fairgate.judging.memory import files_of, rows_of
from fairgate.judging.plain import listed
from fairgate.judging.reading import batches as open_batches
from fairgate.judging.reading import expand
from fairgate.judging.roles import Roles, there
from fairgate.judging.text_files import LONG
from fairgate.judging.where import Taken
from fairgate.names import CANDIDATE, composed

MOST_RANGES = 100
MOST_DEPTH = 5


@dataclass(frozen=True)
class BinnedRoles(Roles):
    """Roles of a table with labels, with numeric columns that are cut into ranges.

    Attributes:
        bins: column -> number of ranges.
    """

    bins: Mapping[str, int] = field(default_factory=dict)

    @property
    def known_label(self) -> str:
        """Return the column of the true label, without which there is no error to look for."""
        assert self.label is not None  # noqa: S101  # the command and `discover` ask for it
        return self.label

    def __post_init__(self) -> None:
        """Refuse, beside what `Roles` refuses, a numeric column that is a slice too, or a senseless number of ranges."""
        super().__post_init__()
        for name, ranges in self.bins.items():
            if name in self.features:
                raise InputError(f"The feature {name!r} is named by {option('bins')} and as a slice; name it once.")
            if not 2 <= ranges <= MOST_RANGES:
                raise InputError(
                    f"{typed('bins', {name: ranges})}: there are 2 to {MOST_RANGES} ranges; type {typed('bins', {name: 5})}."
                )

    def resolved(self, known: Sequence[str]) -> "BinnedRoles":
        """Return the roles with patterns replaced by columns, see `Roles.resolved`."""
        return Roles.resolved(replace(self, bins={there(name, known): ranges for name, ranges in self.bins.items()}), known)

    def columns(self) -> list[str]:
        """Return the names of all columns that are read."""
        return list(dict.fromkeys([*super().columns(), *self.bins]))

    def numbers(self) -> list[str]:
        """Return the names of the columns that hold numbers."""
        return list(dict.fromkeys([*super().numbers(), *self.bins]))


@dataclass(frozen=True)
class DiscoveryRequest:
    """What is to be discovered.

    Attributes:
        roles: of the columns.
        metric: a rate, see `fairgate.discovery.events.RATES`; "accuracy" of several classes; "" for the usual one.
        thresholds: at which scores become decisions; none for several classes.
        worse: side on which the metric is bad, where it has none by itself.
        depth, min_examples: conditions of a slice at most, and examples of it that the metric rests on at least.
    """

    roles: BinnedRoles
    metric: str = ""
    thresholds: Sequence[float] = (0.5,)
    worse: Side | None = None
    depth: int = DEPTH
    min_examples: int = MIN_EXAMPLES

    def __post_init__(self) -> None:
        """Refuse what cannot be discovered.

        Raises:
            InputError: nothing to slice by, a depth or a number of examples that makes no sense.
        """
        if not (self.roles.features or self.roles.bins):
            ways = typed("slices", ["COLUMN"]), typed("groups", {"FEATURE": ["COLUMN"]}), typed("bins", {"COLUMN": 5})
            raise InputError(f"Nothing is named to slice by; type {ways[0]}, {ways[1]} or {ways[2]}.")
        if not 1 <= self.depth <= MOST_DEPTH:
            raise InputError(f"{typed('depth', self.depth)}: a slice has 1 to {MOST_DEPTH} conditions; 3 is usual.")
        if self.worse is not None and self.worse not in get_args(Side):
            raise UnknownNameError("bad side of a metric", str(self.worse), get_args(Side))
        if self.min_examples < 2:
            raise InputError(f"{typed('min_examples', self.min_examples)}: each half needs examples; 100 is usual.")


def discover(
    table: Any,
    *,
    label: str,
    scores: Mapping[str, str | Sequence[str]] | Sequence[str] | str,
    slices: Sequence[str] | str | None = (),
    groups: Mapping[str, Sequence[str]] | None = None,
    bins: Mapping[str, int] | None = None,
    metric: str = "",
    thresholds: Sequence[float] | float = (0.5,),
    worse: Side | None = None,
    depth: int = DEPTH,
    min_examples: int = MIN_EXAMPLES,
    cluster: str | None = None,
    positive: str | None = None,
    where: str | None = None,
) -> Discovery:
    """Discover the slices on which a model is worst, among all conjunctions of groups.

    Half of the examples choose the slices with a false discovery rate of 10 %, the other half confirms them at .05 after Holm's
    correction. Examples count once each, whatever their weight.

    Args:
        table: N rows, or files, as `fairgate.evaluate` takes them.
        label: column of the true label.
        scores: column of the model's score in [0, 1], or of the probabilities of three or more classes.
        slices: columns of which every value is a group; a column of lists where an example may be in several.
        groups: feature -> columns of which each says who belongs to one of its groups.
        bins: numeric column -> number of ranges with about equally many examples.
        metric: the rate by which a slice is bad (default: false_positive_rate; accuracy where there are several classes).
        thresholds: at which a score becomes a decision; a score equal to one is negative.
        worse: "higher" or "lower", for a metric that has no bad side by itself.
        depth: conditions of a slice at most.
        min_examples: examples of a slice that the metric rests on, at least.
        cluster: column that is equal for examples that are not independent.
        positive: the value of the label that is positive, where that is not plain.
        where: an expression that takes a part of the rows, as of `evaluate`.

    Raises:
        InputError: the table, a column or an argument makes no sense; the message names it and the remedy.
    """
    roles = BinnedRoles(
        column_name("label", label),
        {CANDIDATE: _score_columns(scores)},
        column_list("slices", slices),
        group_columns(groups),
        cluster=None if cluster is None else column_name("cluster", cluster),
        positive=None if positive is None else str(positive),
        where=expression(where or None),
        bins=_ranges(bins),
    )
    asked = DiscoveryRequest(
        roles,
        metric,
        threshold_list(thresholds),
        worse,
        _number_of("depth", depth),
        _number_of("min_examples", min_examples),
    )
    if files := files_of(table):
        return discover_files(files, asked)
    resolved, batches = rows_of(table, roles)
    return discover_batches(batches, resolved, asked)


def _score_columns(scores: Any) -> str | tuple[str, ...]:
    """Return the candidate's columns: a name, several, or {"candidate": …}, as `fairgate.evaluate` takes them.

    Raises:
        InputError: they are no names, or those of other models too.
    """
    of_models = score_columns(scores)
    if list(of_models) != [CANDIDATE]:
        raise InputError(
            f"scores names the models {listed(of_models)}; slices of the {CANDIDATE} alone are discovered, so name it alone."
        )
    return of_models[CANDIDATE]


def _ranges(bins: Any) -> dict[str, int]:
    """Return column -> number of ranges.

    Raises:
        InputError: it is no mapping, or a number is none.
    """
    if bins is not None and not isinstance(bins, Mapping):
        raise InputError(f"bins is {str(bins)[:LONG]!r}; give column -> number of ranges: {typed('bins', {'COLUMN': 5})}.")
    return {column_name("bins", name): _number_of("bins", ranges) for name, ranges in (bins or {}).items()}


def _number_of(argument: str, given: Any) -> int:
    """Return a whole number of any type.

    Raises:
        InputError: it is none.
    """
    if isinstance(given, Real) and (number := float(given)).is_integer():
        return int(number)
    raise InputError(f"{argument} is {str(given)[:LONG]!r}; give a whole number, such as 5.")


def discover_files(files: Sequence[str], request: DiscoveryRequest) -> Discovery:
    """Discover the slices of files of predictions; see `discover`.

    Args:
        files: paths or globs.
        request: with roles as the user wrote them.

    Raises:
        InputError: as `discover`.
    """
    resolved, batches = open_batches(expand(files), request.roles)
    assert isinstance(resolved, BinnedRoles)  # noqa: S101  # of the roles that were given
    return discover_batches(batches, resolved, request)


def discover_batches(batches: Iterable[tuple[int, pa.RecordBatch]], roles: BinnedRoles, request: DiscoveryRequest) -> Discovery:
    """Discover the slices of batches.

    Args:
        batches: the number of the first row, from 1, and the columns of the roles.
        roles: resolved.
        request: what is asked for.

    Raises:
        InputError: as `discover`.
    """
    taken = Taken(batches, roles.where)
    classes = class_names(taken, roles)
    metric = request.metric or ("false_positive_rate" if len(classes) == 2 else "accuracy")
    thresholds = tuple(sorted(set(request.thresholds)))
    gatherer = ExampleGatherer(question(metric, thresholds, len(classes), request.worse), roles.bins)
    labels = LabelReader(roles.known_label, classes, roles.positive, numbered=roles.numbered)
    copies = Copies()
    rows = 0
    for first_row, batch in taken:
        read = _read(batch, roles, labels, classes, thresholds, first_row)
        contents = gatherer.add(read)
        if roles.cluster is None:
            scores = np.ascontiguousarray(read.scores).view(np.uint64)
            copies.add(contents, np.where(is_fine(read.scores), scores, np.uint64(0)))
        if gatherer.conditions > MAX_SLICES:
            raise InputError(
                f"{option('slices')} have more than {MAX_SLICES:,} values; name columns with few values, or use {option('bins')}."
            )
        rows += batch.num_rows
    if not rows:
        raise InputError("The table has no rows, so nothing can be discovered; give at least some predictions.")
    labels.finish()
    return gatherer.discovery(_what_clusters(roles, copies, rows), request.depth, request.min_examples)


def _what_clusters(roles: Roles, copies: Copies, rows: int) -> str:
    """Return what the clusters are: the column, equal rows of a table that counts as duplicated, or nothing."""
    if roles.cluster is not None:
        return roles.cluster
    distinct = copies.distinct()
    return EQUAL_ROWS if distinct is not None and distinct < counting.LEAST_DISTINCT * rows else ""


def _read(
    batch: pa.RecordBatch,
    roles: BinnedRoles,
    labels: LabelReader,
    classes: Sequence[str],
    thresholds: Sequence[float],
    first_row: int,
) -> ExampleBatch:
    def column(name: str) -> pa.Array:
        return batch.column(batch.schema.get_field_index(name))

    known = labels.read(column(roles.known_label), first_row)
    named = roles.scores[CANDIDATE]
    names = [named] if isinstance(named, str) else list(named)
    scores = values.read_scores([column(name) for name in names], names, thresholds, first_row)
    label, answers = (known == 1, scores.astype(np.float64)) if len(classes) == 2 else labels_of_classes(known, scores)
    members: dict[Condition, Ints] = {}
    for feature in roles.slices:
        members |= dict(_values(read_slice(column(feature), feature), composed(feature)))
    for feature, groups in roles.groups.items():
        members |= {Condition(composed(feature), composed(name)): _flagged(column(name), name, first_row) for name in groups}
    numbers = {name: _number(column(name), name, first_row) for name in roles.bins}
    clusters = None if roles.cluster is None else hash_values(cluster_names(batch, roles.cluster))
    return ExampleBatch(label, answers, members, numbers, clusters, roles.features)


def _values(column: pa.Array, feature: str) -> Iterator[tuple[Condition, Ints]]:
    """Yield every value of a list column of text, and the rows that have it."""
    encoded = column.flatten().dictionary_encode()
    codes = encoded.indices.fill_null(len(encoded.dictionary)).to_numpy(zero_copy_only=False)
    rows = np.repeat(np.arange(len(column)), np.diff(column.offsets.to_numpy()))
    order = np.argsort(codes, kind="stable")
    bounds = np.searchsorted(codes[order], np.arange(len(encoded.dictionary) + 1))
    found: dict[Condition, list[Ints]] = {}
    for code, value in enumerate(encoded.dictionary.to_pylist()):
        found.setdefault(Condition(feature, composed(value)), []).append(rows[order[bounds[code] : bounds[code + 1]]])
    yield from ((condition, np.unique(np.concatenate(parts))) for condition, parts in found.items())


def _flagged(column: pa.Array, name: str, first_row: int) -> Ints:
    """Return the rows that a column of --group says belong to its group."""
    return np.flatnonzero(read_groups([column], [name], first_row).inside[0])


def _number(column: pa.Array, name: str, first_row: int) -> Floats:
    """Return float64[N] of a column of numbers; NaN where there is none."""
    numbers = values.read_scores([column], [name], (), first_row)
    return np.asarray(numbers, np.float64)
