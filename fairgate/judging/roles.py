"""Say which column of a table of predictions is what: label, scores or decisions, slices, weight, cluster.

In: what the user named. Out: `Roles`, checked, and the names of all columns that must be read.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from typing import Literal, TypeVar, get_args

from fairgate.asked import option, typed
from fairgate.errors import InputError, UnknownNameError
from fairgate.judging import expressions
from fairgate.names import BASELINE, CANDIDATE, REFERENCE, composed

Favourable = Literal["positive", "negative"]
MODELS = (CANDIDATE, BASELINE, REFERENCE)
LABEL, WEIGHT = "label", "weight"  # the columns of label and weight, as they are counted
_WILD = "*"


OwnRoles = TypeVar("OwnRoles", bound="Roles")


@dataclass(frozen=True)
class Roles:
    """What the columns of a table are.

    Attributes:
        label: column of the true label; None where there is none, so that only rates of selection can be judged.
        scores: model ("candidate", "baseline", "reference") -> the column of its score, or the columns of the probabilities of
            its classes, which a pattern such as "p_*" may name; empty where there are decisions.
        slices: columns of which every value is a group.
        groups: feature -> columns of which each says who belongs to one of its groups.
        weight: column of example weights; None where every example counts once.
        cluster: column that is equal for examples that are not independent, such as those of one user.
        positive: the value of the label that is positive; None where that is plain: 1, true, yes, or a fraction of raters.
        favourable: which decision is good for the person: a false decision of the other kind is what harms.
        decisions: model -> the column of its decision, in the place of a score.
        where: an expression that takes a part of the rows, see `fairgate.judging.expressions`; "" for all of them.
        content: column of a key of every example's content, equal where rows are copies; None where it is found from the rows.
        numbered: whether the columns of the classes were typed one by one, so that a label may be the number of one, from 0; is
            set by `resolved`. A pattern takes columns in the order of the file, which says nothing.
    """

    label: str | None
    scores: Mapping[str, str | Sequence[str]] = field(default_factory=dict)
    slices: Sequence[str] = ()
    groups: Mapping[str, Sequence[str]] = field(default_factory=dict)
    weight: str | None = None
    cluster: str | None = None
    positive: str | None = None
    favourable: Favourable = "negative"
    decisions: Mapping[str, str] = field(default_factory=dict)
    where: str = ""
    content: str | None = None
    numbered: bool = False

    def __post_init__(self) -> None:
        """Refuse roles that cannot be judged.

        Raises:
            InputError: no candidate, an unknown model, scores beside decisions, a feature without columns, a name that two
                features have, or a condition that cannot be read.
        """
        if self.favourable not in get_args(Favourable):
            raise UnknownNameError("favourable decision", str(self.favourable), get_args(Favourable))
        expressions.columns_of(self.where)
        self._check_models()
        features = self.features
        for name in features:
            if features.count(name) > 1:
                raise InputError(
                    f"The feature {name!r} is named twice among {option('slices')} and {option('groups')}; name it once."
                )
            if name in (LABEL, WEIGHT, "class"):
                raise InputError(f"A slice cannot be called {name!r}, which means something else here; rename the column.")
        for name, columns in self.groups.items():
            if not columns:
                raise InputError(f"The feature {name!r} has no columns; type {typed('groups', {name: ['COLUMN', 'COLUMN']})}.")

    def _check_models(self) -> None:
        for model in self.models:
            if model not in MODELS:
                raise UnknownNameError("model", model, MODELS)
        if CANDIDATE not in self.models:
            raise InputError(
                f"Neither a score nor a decision of the {CANDIDATE} is named; type {typed('scores', {CANDIDATE: 'COLUMN'})}, or "
                f"{typed('decisions', {CANDIDATE: 'COLUMN'})}."
            )
        for model, columns in self.models.items():
            if not list(_each(columns)):
                raise InputError(f"No column of the {model} is named; type {typed('scores', {model: 'COLUMN'})}.")
            if self.label is not None and self.label in _each(columns):
                raise InputError(
                    f"The column {self.label!r} is named as the label and as what the {model} predicts, so it would be right "
                    "everywhere; name the column of its predictions."
                )
        if self.scores and self.decisions:
            raise InputError(
                f"There are scores ({', '.join(self.scores)}) and decisions ({', '.join(self.decisions)}); name "
                f"{option('scores')} for all models, or {option('decisions')} for all."
            )

    @property
    def models(self) -> dict[str, str | Sequence[str]]:
        """Return model -> its column of scores or decisions, or its columns of probabilities."""
        return {**self.scores, **self.decisions}

    @property
    def features(self) -> list[str]:
        """Return the names of the slice features, in Unicode's composed form as the names of slices and patterns are."""
        return [*map(composed, self.slices), *map(composed, self.groups)]

    def resolved(self: OwnRoles, known: Sequence[str]) -> OwnRoles:
        """Return the roles with every pattern of score columns replaced by the columns that it names.

        A name that is not there but for the spaces around it, as of `--slices "sex, race"`, is the one without them.

        Args:
            known: names of the table's columns.

        Raises:
            InputError: a column is not there, or there twice; the message names the nearest one.
        """
        resolved = replace(
            self,
            scores={model: _columns(model, of_model, known) for model, of_model in self.scores.items()},
            decisions={model: there(name, known) for model, name in self.decisions.items()},
            slices=tuple(there(name, known) for name in self.slices),
            groups={name: tuple(there(column, known) for column in columns) for name, columns in self.groups.items()},
            label=_optional(self.label, known),
            weight=_optional(self.weight, known),
            cluster=_optional(self.cluster, known),
            content=_optional(self.content, known),
            where=expressions.with_columns(self.where, {name: there(name, known) for name in expressions.columns_of(self.where)}),
            numbered=_are_typed(self.scores.values(), known),
        )
        for name in resolved.columns():
            if name not in known:
                if spaced := [each for each in known if each.strip() == name]:
                    raise InputError(
                        f"there is no column {name!r}, but one with a space, {spaced[0]!r}; remove the space from its name."
                    )
                absent = UnknownNameError("column", name, known)
                quoted = expressions.with_quotes(resolved.where, known)
                if name in expressions.columns_of(resolved.where) and quoted != resolved.where:
                    raise InputError(f"{absent} Text stands in quotes: {typed('where', quoted)}")
                raise absent
            if list(known).count(name) > 1:
                raise InputError(f"Two columns are called {name!r}, so that it is unknown which is meant; rename one of them.")
        return resolved

    def columns(self) -> list[str]:
        """Return the names of all columns that are read, each once; of resolved roles."""
        named = [*([] if self.label is None else [self.label]), *(name for each in self.models.values() for name in _each(each))]
        named += [*self.slices, *(name for columns in self.groups.values() for name in columns)]
        named += [name for name in (self.weight, self.cluster, self.content) if name is not None]
        named += expressions.columns_of(self.where)
        return list(dict.fromkeys(named))

    def numbers(self) -> list[str]:
        """Return the names of those columns that hold numbers whatever is in them: scores and weights."""
        named = [name for model in self.scores.values() for name in _each(model)]
        return [*dict.fromkeys(named), *([self.weight] if self.weight is not None else [])]


def there(name: str, known: Sequence[str]) -> str:
    """Return a column as it is, or without the spaces around it where there is none with them.

    A name that is written with accents of its own, as macOS decomposes them, is the column that looks alike.
    """
    if name in known or name.strip() in known:
        return name if name in known else name.strip()
    alike = [each for each in known if composed(each) == composed(name.strip())]
    return alike[0] if len(alike) == 1 else name.strip()


def _optional(name: str | None, known: Sequence[str]) -> str | None:
    return None if name is None else there(name, known)


def _columns(model: str, named: str | Sequence[str], known: Sequence[str]) -> str | tuple[str, ...]:
    if isinstance(named, str) and (named in known or _WILD not in named):
        return there(named, known)
    patterns = [there(pattern, known) for pattern in ([named] if isinstance(named, str) else named)]
    found: dict[str, None] = {}
    for pattern in patterns:
        matching = [name for name in known if name == pattern or (_WILD in pattern and fnmatchcase(name, pattern))]
        if not matching:
            raise UnknownNameError("column", pattern, known)
        found |= dict.fromkeys(matching)
    if len(found) < 3:
        given = typed("scores", {model: patterns if len(patterns) > 1 else patterns[0]})
        raise InputError(
            f"{given} names {len(found)} columns ({', '.join(found)}). Probabilities of classes need at least three; where there "
            "are two classes, name the score of the positive one alone."
        )
    return tuple(found)


def _are_typed(scores: Iterable[str | Sequence[str]], known: Sequence[str]) -> bool:
    """Return whether columns of classes are named, and all of them one by one."""
    named = [list(_each(columns)) for columns in scores]
    return any(len(names) > 1 for names in named) and all(name in known or _WILD not in name for names in named for name in names)


def _each(columns: str | Sequence[str]) -> Iterable[str]:
    return (columns,) if isinstance(columns, str) else columns
