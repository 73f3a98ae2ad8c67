"""Add to an evaluation what is known of its examples and no model can tell."""

from collections.abc import Mapping
from dataclasses import replace

from components.artifacts.facts import read_facts
from fairgate.measurement import Evaluation
from fairgate.names import EVAL, features_of


def with_facts(evaluation: Evaluation, uri: str) -> Evaluation:
    """Return the evaluation with what the DataGate knows of its examples and no model can tell.

    Adds the values of each evaluated feature that the task knows, groups without a column in the source, how many examples there
    are and how many of them differ, how many are not annotated, where the source says so, and which features are tagged by word.

    Args:
        evaluation: of the split eval.
        uri: of the artifact `data_blessing`.
    """
    facts = read_facts(uri)
    known = facts["splits"].get(EVAL, {})
    expected: Mapping[str, list[str]] = facts["expected"]
    unannotated: Mapping[str, int] | None = known.get("unannotated")
    return replace(
        evaluation,
        rows=known.get("rows"),
        distinct=known.get("distinct"),
        expected={**evaluation.expected, **{feature: tuple(values) for feature, values in expected.items()}},
        absent_columns=tuple(name for name in facts["absent_columns"] if features_of(name)[0] in expected),
        tagged_features=tuple(feature for feature in facts["tagged_features"] if feature in expected),
        unknown_groups=evaluation.unknown_groups
        if unannotated is None
        else {feature: rows for feature, rows in unannotated.items() if feature in expected},
    )
