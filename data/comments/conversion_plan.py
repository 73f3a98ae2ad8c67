"""The plan of a conversion: the files, and which rows of each go to train and which to eval.

In: `Sources` as the user named them. Out: planned sources and warnings, or an InputError.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from glob import has_magic
from pathlib import Path
from shlex import quote

from data.comments.civil_comments import LABEL_COLUMNS, SPLIT, CellRules
from data.comments.column_mapping import NO_COLUMNS, ColumnNames, nearest
from data.comments.column_names import lost_columns, shown_columns
from data.comments.conversion_blocks import BY_COLUMN, BY_HASH, PlannedSource
from data.comments.group_names import plain
from data.comments.labels import LABEL_OF, is_label
from data.comments.names import IDENTITIES, TEXT
from data.comments.readers import SourceFile, inspect
from data.opening import DETECTED, TextFormat
from data.options import set_option
from data.patterns import matching
from fairgate.errors import InputError
from fairgate.names import EVAL, TRAIN, place

_REMEDY = "To tag features that have no column at all by a list of words: --tag-identities"


@dataclass(frozen=True)
class Sources:
    """Files or globs. Without `eval`, the column `split` divides `train`; without that column, a hash of the text does.

    Attributes:
        train, eval: the files of each split.
        columns: what the user says about their columns; None to take unknown ones as they are.
        tag_identities: whether features without a column in a file are tagged by word there.
        text_format: the separator and the encoding of text files, where they are not to be detected.
    """

    train: tuple[str, ...]
    eval: tuple[str, ...] = ()
    columns: ColumnNames | None = NO_COLUMNS
    tag_identities: bool = False
    text_format: TextFormat = DETECTED


@dataclass(frozen=True)
class ConversionPlan:
    """The sources in the order in which their rows are written, and warnings for the user."""

    sources: tuple[PlannedSource, ...]
    warnings: tuple[str, ...]

    @property
    def by_hash(self) -> bool:
        """Return whether a hash of the text divides the rows."""
        return any(source.split == BY_HASH for source in self.sources)

    @property
    def tagged_features(self) -> tuple[str, ...]:
        """Return the features that are tagged by word in at least one source."""
        return tuple(feature for feature in IDENTITIES if any(feature in source.rules.tagged for source in self.sources))

    def column_of(self, feature: str) -> str:
        """Return the name of the column that holds a feature's groups."""
        names = (name for source in self.sources for name, known in source.file.renamed.items() if known == feature)
        return next(names, feature)


def make_plan(sources: Sources) -> ConversionPlan:
    """Inspect every file and decide which split its rows go to.

    Raises:
        InputError: no file, an unusable file, a file given twice, only some files with a column `split`, or a mapping of a column
            that is not there.
    """
    columns = sources.columns
    train, eval_ = (
        [inspect(path, columns, sources.text_format) for path in _expand(patterns)] for patterns in (sources.train, sources.eval)
    )
    if not train:
        raise InputError("no train file given; name at least one CSV or TFRecord file")
    _check_distinct([*train, *eval_])
    _check_found([*train, *eval_], columns or NO_COLUMNS)
    rules = [TRAIN] * len(train) + [EVAL] * len(eval_) if eval_ else [_rule(train)] * len(train)
    files = [*train, *eval_]
    planned = tuple(
        PlannedSource(index, file, rule, _rules(sources, file))
        for index, (file, rule) in enumerate(zip(files, rules, strict=True))
    )
    return ConversionPlan(planned, tuple(_warnings(planned, columns or NO_COLUMNS)))


def _expand(patterns: Iterable[str]) -> list[Path]:
    paths: list[Path] = []
    for pattern in patterns:
        if Path(pattern).exists() or not has_magic(pattern):
            paths.append(Path(pattern))
        elif found := [path for path in matching(pattern) if path.is_file()]:
            paths.extend(found)
        else:
            raise InputError(f"{pattern}: no file matches this glob; check the folder and quote the glob against the shell")
    return paths


def _check_distinct(files: Sequence[SourceFile]) -> None:
    seen: dict[str, Path] = {}
    for file in files:
        if file.sha256 in seen:
            remedy = "give each once, in train or in eval; without an eval file, part of train is held out"
            raise InputError(f"{file.path}: the same content as {seen[file.sha256]}; {remedy}")
        seen[file.sha256] = file.path


def _rules(sources: Sources, file: SourceFile) -> CellRules:
    columns = sources.columns or NO_COLUMNS
    groups = {feature: {plain(value): group for value, group in names.items()} for feature, names in columns.groups.items()}
    return CellRules(
        tuple(without_column(file.columns)) if sources.tag_identities else (), columns.thresholds, groups, columns.scales
    )


def _check_found(files: Sequence[SourceFile], columns: ColumnNames) -> None:
    """Raise InputError if no file has a column that the user maps or probably means to ignore, or a label with a threshold."""
    present = list(dict.fromkeys(name for file in files for name in file.header))
    for name, known in columns.renamed().items():
        if not any(name in file.renamed for file in files):
            alias = "label" if is_label(known) else "text" if known == TEXT else known
            raise InputError(f"no file has {lost_columns([(alias, name)], present)}")
    for name in columns.ignored:
        if name not in present and (near := nearest(name, [other for other in present if other not in columns.ignored])):
            raise InputError(
                f"no file has the column {name!r}, which is to be ignored; did you mean --ignore-column {quote(near)}? "
                f"Columns found: {shown_columns(present)}"
            )
    labels = {name.removeprefix(LABEL_OF): None for file in files for name in file.columns if _is_any_label(name)}
    for key, names in (("label_thresholds", columns.thresholds), ("label_scales", columns.scales)):
        for name in names:
            if name not in labels:
                near = nearest(name, labels)
                guess = f"did you mean {set_option('…', 'input', key, near)}? " if near else ""
                raise InputError(f"input.{key} has the column {name!r}, which is no label; {guess}labels are {', '.join(labels)}")


def _is_any_label(name: str) -> bool:
    return is_label(name) or name in LABEL_COLUMNS


def _rule(train: Sequence[SourceFile]) -> str:
    without = [file for file in train if SPLIT not in file.columns]
    if not without:
        return BY_COLUMN
    if len(without) == len(train):
        return BY_HASH
    raise InputError(
        f"{without[0].path}: no column {SPLIT}, but other train files have one; add it, or give eval files of their own: "
        "--eval FILES"
    )


def _warnings(sources: Sequence[PlannedSource], columns: ColumnNames) -> Iterable[str]:
    present = {name for source in sources for name in source.file.header}
    if lost := [name for name in columns.ignored if name not in present]:
        yield f"no file has the {'column' if len(lost) == 1 else 'columns'} {', '.join(map(repr, lost))}, to be ignored"
    for source in sources:
        yield from source.file.notes
        if source.split in (TRAIN, EVAL) and SPLIT in source.file.columns:
            yield f"{source.file.path}: its column {SPLIT} is ignored, because train and eval files are given"
        if unread := [name for name, known in source.file.renamed.items() if not known and name not in columns.ignored]:
            yield f"{source.file.path}: not read, because input.columns names others in their place: {', '.join(unread)}"
        if source.file.columns.issuperset(LABEL_COLUMNS):
            yield f"{source.file.path}: has {' and '.join(LABEL_COLUMNS)}; {LABEL_COLUMNS[0]} is the label"


def without_column(columns: Iterable[str]) -> Iterator[str]:
    """Yield the features of which a source has no column, neither the feature's list nor an identity's."""
    present = frozenset(columns)
    for feature, names in IDENTITIES.items():
        if present.isdisjoint((feature, *names)):
            yield feature


def absent_groups(sources: Iterable[tuple[str, frozenset[str]]]) -> tuple[str, ...]:
    """Return the groups that no example of eval can belong to, "gender:transgender": no source of eval has a column for them.

    Args:
        sources: of each source the split of its rows and the columns that at least one row has.
    """
    present = frozenset[str]().union(*(columns for split, columns in sources if split != TRAIN))
    return tuple(
        place(feature, name) for feature, names in IDENTITIES.items() for name in names if present.isdisjoint((feature, name))
    )


def absent_identities(columns: Mapping[Path, frozenset[str]]) -> str | None:
    """Return one warning that lists the identity columns missing from sources (they count as not annotated), or None.

    Args:
        columns: the known columns of each source. A processed source has the identities of each feature that it lists, and one
            that was tagged those that a word can name.
    """
    files: dict[tuple[str, ...], list[str]] = {}
    for path, present in columns.items():
        absent = tuple(name for feature, names in IDENTITIES.items() for name in names if present.isdisjoint((feature, name)))
        if absent:
            files.setdefault(absent, []).append(str(path))
    if not files:
        return None
    lists = "; ".join(f"{', '.join(paths)}: {', '.join(absent)}" for absent, paths in files.items())
    warning = f"identity columns that are absent count as not annotated: {lists}"
    untold = any(any(without_column(present)) for present in columns.values())
    return f"{warning}. {_REMEDY}" if untold else warning
