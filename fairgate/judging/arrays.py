"""Take the words that users of scikit-learn and fairlearn type: y_true, y_pred, y_score, sensitive_features, sample_weight.

In: arrays, Series, DataFrames or dicts of them, as `fairlearn.metrics.MetricFrame` takes them. Out: a table, and which of its
columns is what.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa

from fairgate.errors import InputError
from fairgate.judging.memory import require_equal_indexes
from fairgate.judging.plain import in_order, listed, same
from fairgate.names import BASELINE, CANDIDATE

Y_TRUE, WEIGHT = "y_true", "sample_weight"
FEATURE = "sensitive_feature_"  # and its number: what fairlearn calls a feature without a name
_REMEDY = "give one value for every row"


@dataclass(frozen=True)
class Arrays:
    """The arguments of a user of scikit-learn; see `fairgate.evaluate`."""

    y_true: Any = None
    y_pred: Any = None
    y_score: Any = None
    sensitive_features: Any = None
    sample_weight: Any = None
    baseline: Any = None

    @property
    def given(self) -> list[str]:
        """Return the names of the arguments that are given."""
        return [name for name, value in vars(self).items() if value is not None]


@dataclass(frozen=True)
class NamedColumns:
    """A table of arrays, and what its columns are.

    Attributes:
        table: name -> column.
        roles: arguments of `judging.roles.Roles`.
    """

    table: dict[str, Any] = field(default_factory=dict)
    roles: dict[str, Any] = field(default_factory=dict)


def named(arrays: Arrays) -> NamedColumns:
    """Return the arrays as the columns of one table.

    Raises:
        InputError: predictions are missing or of two kinds, one has another shape, length or index, or a name is there twice.
    """
    indexed = arrays  # as they were given: tables of Arrow have no index
    arrays = Arrays(**{name: _plain(values) for name, values in vars(arrays).items()})
    table: dict[str, Any] = {}
    roles: dict[str, Any] = {"label": None, "slices": []}
    if (arrays.y_pred is None) == (arrays.y_score is None):
        raise InputError(
            "Give the candidate's predictions: y_pred, decisions or classes, or y_score, scores in [0, 1]; one of them."
        )
    if arrays.y_true is not None:
        table[Y_TRUE] = _column("y_true", arrays.y_true)
        roles["label"] = Y_TRUE
    if arrays.sample_weight is not None:
        table[WEIGHT] = _column("sample_weight", arrays.sample_weight)
        roles["weight"] = WEIGHT
    kind = "decisions" if arrays.y_score is None else "scores"
    roles[kind] = {model: _add_model(table, kind, model, values) for model, values in _models(arrays).items()}
    for name, values in _features(arrays.sensitive_features).items():
        if name in table:
            raise InputError(f"sensitive_features has the name {name!r}, which is taken here; rename it.")
        argument = f"sensitive_features {name!r}"
        table[name] = list(values) if _is_lists(values) else _column(argument, values)
        roles["slices"].append(name)
    _check_lengths(table)
    _check_indexes(indexed)
    return NamedColumns(table, roles)


def _plain(given: Any) -> Any:
    """Return an argument with dense arrays in the place of SciPy's sparse ones, which NumPy takes for a single value.

    In the place of tables of Arrow, whose columns are arrays and no names, there are those of pandas.
    """
    if isinstance(given, Mapping):
        return {name: _plain(values) for name, values in given.items()}
    if isinstance(given, pa.Table | pa.RecordBatch):
        return given.to_pandas()
    return given.toarray() if hasattr(given, "toarray") else given


def _models(arrays: Arrays) -> dict[str, Any]:
    """Return model -> its predictions."""
    given = arrays.y_pred if arrays.y_score is None else arrays.y_score
    models = {str(model): values for model, values in given.items()} if isinstance(given, Mapping) else {CANDIDATE: given}
    if arrays.baseline is not None:
        if BASELINE in models:
            raise InputError("The baseline is given twice, as baseline= and among the models; give it once.")
        models[BASELINE] = arrays.baseline
    return models


def _add_model(table: dict[str, Any], kind: str, model: str, values: Any) -> str | tuple[str, ...]:
    """Add the predictions of a model to the table; return the name of their column, or of those of its classes."""
    argument = f"{'y_score' if kind == 'scores' else 'y_pred'} of the {model}"
    shape = _shape(argument, values)
    if len(shape) == 2 and shape[1] > 1:
        return _add_classes(table, kind, model, values)
    column = _column(argument, values)
    if kind == "decisions":
        _refuse_scores(argument, column)
    name = f"{kind.removesuffix('s')} of {model}"
    table[name] = column
    return name


def _add_classes(table: dict[str, Any], kind: str, model: str, values: Any) -> tuple[str, ...]:
    width = np.shape(values)[1]
    if kind == "decisions":
        raise InputError(f"y_pred of the {model} has {width} columns; give a decision or a class for every row, or y_score.")
    if width == 2:
        typed = "y_score.iloc[:, 1]" if hasattr(values, "iloc") else "y_score[:, 1]"
        raise InputError(f"y_score of the {model} has 2 columns; give that of the positive class alone, {typed}.")
    classes = _sorted_classes(table[Y_TRUE]) if Y_TRUE in table else []
    columns, given = np.asarray(values), _column_names(values)
    if given is not None:
        at_class = _by_name(model, given, classes)
        columns, classes = columns[:, list(at_class.values())], list(at_class)
    elif len(classes) != width:
        raise InputError(
            f"y_score of the {model} has {width} columns, and y_true {len(classes)} classes; give a column for every class, in "
            "the order of the sorted classes, as predict_proba does. Where y_true lacks a class, name the columns: "
            "pd.DataFrame(y_score, columns=model.classes_)."
        )
    names = tuple(f"{model}_{name}" for name in classes)
    table.update({name: columns[:, at] for at, name in enumerate(names)})
    return names


def _sorted_classes(labels: Any) -> list[Any]:
    """Return the different labels, sorted; an empty one is none, and refused where labels are read."""
    found = {label for label in np.asarray(labels).tolist() if label is not None and _equals_itself(label)}
    return sorted(found, key=lambda label: (isinstance(label, str), label))


def _equals_itself(label: Any) -> bool:
    """Return whether it is neither a NaN, nor the NA of pandas, which says NA when it is asked."""
    equal = label == label
    return isinstance(equal, bool | np.bool_) and bool(equal)


def _column_names(values: Any) -> list[Any] | None:
    """Return the names of a DataFrame's columns; None where it has none but their numbers, as pandas and Polars give them."""
    names = getattr(values, "columns", None)
    if names is None or hasattr(names, "step"):  # a RangeIndex of pandas
        return None
    return None if list(names) == [f"column_{at}" for at in range(len(names))] else list(names)


def _by_name(model: str, names: Sequence[Any], classes: Sequence[Any]) -> dict[str, int]:
    """Return class -> which column is its own: the classes of y_true in their order, or those of all columns where it lacks some.

    Raises:
        InputError: the names are not those of the classes.
    """
    texts = [str(name) for name in names]
    found = {}
    for each in map(str, classes):
        matching = [at for at, name in enumerate(texts) if name == each] or [
            at for at, name in enumerate(texts) if same(each, name)
        ]
        if len(matching) != 1:
            raise InputError(
                f"y_score of the {model} has the columns {listed(texts)}, and y_true the class {each!r}; name each column by its "
                "class, such as pd.DataFrame(y_score, columns=model.classes_)."
            )
        found[each] = matching[0]
    if len(found) < len(texts):
        found |= {name: at for at, name in enumerate(texts) if at not in found.values()}
        found = {name: found[name] for name in sorted(found, key=in_order)}
    return found


def _refuse_scores(argument: str, column: Any) -> None:
    """Refuse decisions that are scores."""
    values = np.asarray(column)
    if values.dtype.kind != "f":
        return
    inside = values[(values > 0) & (values < 1)]
    if inside.size:
        raise InputError(f"{argument} holds {inside[0]:g}, which is a score and no decision; give it as y_score.")


def _features(given: Any) -> dict[str, Any]:
    """Return name -> values of the sensitive features."""
    if given is None:
        return {}
    if isinstance(given, Mapping):
        return {str(name): values for name, values in given.items()}
    if hasattr(given, "columns"):  # a DataFrame
        return {str(name): given[name] for name in given.columns}
    name = getattr(given, "name", None)
    if len(_shape("sensitive_features", given)) == 2:
        columns = np.asarray(given, object)
        return {f"{FEATURE}{at}": columns[:, at] for at in range(columns.shape[1])}
    return {f"{FEATURE}0" if name is None or name == "" else str(name): given}


def _is_lists(values: Any) -> bool:
    """Return whether every row has a list of the groups that it belongs to; None is none."""
    return (
        isinstance(values, list | tuple)
        and any(isinstance(each, list | tuple) for each in values)
        and all(each is None or (isinstance(each, list | tuple) and all(isinstance(one, str) for one in each)) for each in values)
    )


def _shape(argument: str, values: Any) -> tuple[int, ...]:
    """Return the shape of an array, or of lists that are one.

    Raises:
        InputError: the lists differ in length.
    """
    if isinstance(values, list | tuple):
        lengths = {len(each) if isinstance(each, list | tuple) else None for each in values}
        if len(lengths) > 1:
            raise InputError(
                f"{argument} holds lists of different lengths; {_REMEDY}. Groups of which a row has several are a feature with a "
                "name: sensitive_features={'group': lists}."
            )
    return np.shape(values)


def _column(argument: str, values: Any) -> Any:
    """Return one value for every row; a single column of two dimensions is one too."""
    shape = _shape(argument, values)
    if len(shape) == 2 and shape[1] == 1:
        return np.asarray(values)[:, 0]
    if len(shape) != 1:
        what = "a single value" if not shape else f"an array of shape {shape}"
        raise InputError(f"{argument} is {what}; {_REMEDY}.")
    if hasattr(values, "to_arrow"):  # Polars
        return values.to_arrow()
    return values


def _check_lengths(table: Mapping[str, Any]) -> None:
    lengths = {name: len(values) for name, values in table.items()}
    first, rows = next(iter(lengths.items()))
    for name, own in lengths.items():
        if own != rows:
            raise InputError(f"{first} has {rows:,} rows, and {name} has {own:,}; {_REMEDY}.")


def _check_indexes(arrays: Arrays) -> None:
    """Refuse pandas objects whose indexes say that their rows are not in one order.

    Raises:
        InputError: two indexes differ.
    """
    of_arguments: dict[str, Any] = {}
    for argument, values in vars(arrays).items():
        if isinstance(values, Mapping):
            of_arguments |= {f"{argument}[{name!r}]": own for name, own in values.items()}
        else:
            of_arguments[argument] = values
    require_equal_indexes(of_arguments)
