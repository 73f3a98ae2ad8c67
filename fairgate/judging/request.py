"""Hold what is to be judged, and settle it before anything is counted: the policy, the settings of counting, the lint."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Literal

from fairgate.asked import typed
from fairgate.counting.config import EvaluationConfig, LabelSpec
from fairgate.counting.settings import CountSettings
from fairgate.errors import InputError
from fairgate.gate.lint import lint
from fairgate.gate.measured import measured
from fairgate.gate.policy import Policy
from fairgate.judging.counting import lacking
from fairgate.judging.defaults import THRESHOLD, TableFacts, TablePreset
from fairgate.judging.roles import LABEL, WEIGHT, Roles
from fairgate.names import PREDICTIONS
from fairgate.prediction_counter import EXACT_ROWS

THRESHOLDS = (0.1, 0.3, 0.5, 0.7, 0.9)
AucKind = Literal["exact", "cells"]


@dataclass(frozen=True)
class Request:
    """What is to be judged, and how.

    Attributes:
        roles: of the columns.
        policy: by which, or a preset; None for `defaults.TableFacts.default`.
        thresholds: at which binary scores are measured, beside those that the rules of the policy name.
        source: the table in words, for the report.
        digests: file -> "sha256:…".
        name: of the task, for the report.
        rows: at least how many there are, where that is known before they are read; without a condition that takes a part.
        auc: "exact" for AUCs from all scores in order, "cells" for those of tables of scores, whose memory does not grow with the
            rows; None for exact ones of up to four million rows.
    """

    roles: Roles
    policy: Policy | TablePreset | None = None
    thresholds: Sequence[float] = THRESHOLDS
    source: str = "a table in memory"
    digests: Mapping[str, str] = field(default_factory=dict)
    name: str = PREDICTIONS
    auc: AucKind | None = None
    rows: int = 0


def chosen_policy(request: Request, classes: tuple[str, ...]) -> Policy:
    """Return the policy that is given, that of the preset, or the default of such a table."""
    if isinstance(request.policy, Policy):
        return request.policy
    roles = request.roles
    if THRESHOLD not in request.thresholds and len(request.thresholds) > 1 and roles.label is None and not roles.decisions:
        given, one = (typed("thresholds", list(map(float, each))) for each in (request.thresholds, request.thresholds[:1]))
        raise InputError(
            f"{given} names {len(request.thresholds)} thresholds, of which one is judged without labels and a policy of your "
            f"own; name that one: {one}."
        )
    subject = TableFacts(
        features=roles.features,
        classes=classes,
        favourable=roles.favourable,
        threshold=float(request.thresholds[0]) if len(request.thresholds) == 1 and not roles.decisions else THRESHOLD,
        labelled=roles.label is not None,
        scored=bool(roles.scores),
    )
    return subject.default() if request.policy is None else request.policy.policy(subject)


def count_settings(request: Request, policy: Policy, classes: tuple[str, ...]) -> CountSettings:
    """Return how the table is counted: at the thresholds that are asked for, and those that the policy names.

    Raises:
        InputError: a threshold lies outside of 0 to 1.
    """
    named = {each for rule in policy.rules for each in rule.thresholds}
    thresholds = (THRESHOLD,) if request.roles.decisions else tuple(sorted({*map(float, request.thresholds), *named}))
    if wrong := [each for each in thresholds if not 0 < each < 1]:
        remedy = "a score above it is a positive decision, so give such as 0.5"
        if 1 < wrong[0] < 100:
            part = typed("thresholds", [wrong[0] / 100])
            remedy = f"where the scores go from 0 to 100, divide them by 100, and type {part}"
        raise InputError(f"The threshold {wrong[0]:g} is not between 0 and 1; {remedy}.")
    exact = None if request.auc is None else request.auc == "exact"
    if exact is None and request.rows > EXACT_ROWS:
        exact = False  # known now, so that no rows are held in vain
    return CountSettings(
        label_key=LABEL,
        classes=classes,
        kind="binary" if len(classes) == 2 else "multiclass",
        weight_key=None if request.roles.weight is None else WEIGHT,
        thresholds=thresholds if len(classes) == 2 else (),
        auc_slices=policy.auc_slices,
        exact_auc=exact,
    )


def check_policy(
    policy: Policy, roles: Roles, settings: CountSettings, pairs: Sequence[tuple[str, str]], single: tuple[str, ...]
) -> None:
    """Refuse a policy that names what is not measured, before anything is counted.

    Args:
        policy: that is to decide.
        roles: of the table's columns.
        settings: of counting.
        pairs: of features whose combined values are slices too.
        single: names of other combined slices.

    Raises:
        InputError: it names something else.
    """
    binary = settings.kind == "binary"
    config = EvaluationConfig(thresholds=settings.thresholds, slice_features=tuple(roles.features), intersections=tuple(pairs))
    labels = LabelSpec(LABEL, settings.classes, "binary" if binary else "multiclass")
    known = replace(measured(labels, config, {}), conjunctions=single, of_table=True, lacking=lacking(roles))
    if problems := lint(policy, known):
        raise InputError("\n".join(map(str, problems)))


def configuration_of(request: Request, policy: Policy) -> str:
    """Return the text of config.json."""
    roles = request.roles
    held = {"columns": asdict(roles), "thresholds": list(request.thresholds), "policy": policy.model_dump(mode="json")}
    held |= {} if request.auc is None else {"auc": request.auc}
    return json.dumps(held, ensure_ascii=False, indent=1) + "\n"
