"""Waivers: who may excuse which rule on which slice, and until when."""

from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError

from fairgate.gate.decision import decide
from fairgate.gate.policy import Policy
from fairgate.gate.waivers import Waiver, covering, in_force
from fairgate.measurement import Evaluation, MetricKey, Rate, SliceMetrics

WRITTEN = {"rule": "gap", "slice": "gender:male", "who": "A. Smith", "why": "appeal pending", "until": "2026-12-31"}


def waiver(**changes: Any) -> Waiver:
    return Waiver.model_validate(WRITTEN | changes)


def test_waiver_states_who_why_and_until_when() -> None:
    assert str(waiver()) == "gap on gender:male, waived by A. Smith until 2026-12-31: appeal pending"


@pytest.mark.parametrize(
    ("day", "number"), [(date(2026, 1, 1), 1), (date(2026, 12, 31), 1), (date(2027, 1, 1), 0), (date(2036, 1, 1), 0)]
)
def test_last_day_is_included(day: date, number: int) -> None:
    assert len(in_force([waiver()], day)) == number


@pytest.mark.parametrize(
    "until", ["2026-13-01", "2026-02-30", "31.12.2026", "2026-12-31T00:00:00", 20261231, 1.5, True, None, ""]
)
def test_until_is_a_day(until: object) -> None:
    """Pydantic alone would take a number for seconds since 1970."""
    with pytest.raises(ValidationError, match="until"):
        waiver(until=until)


def test_error_of_a_day_says_how_it_is_written() -> None:
    with pytest.raises(ValidationError, match="Value error, a day is written as year-month-day, such as 2026-12-31"):
        waiver(until="31.12.2026")


def test_until_may_be_given_as_a_date() -> None:
    assert waiver(until=date(2026, 12, 31)) == waiver()


@pytest.mark.parametrize("key", ["rule", "slice", "who", "why", "until"])
def test_each_part_is_required(key: str) -> None:
    for written in ({name: value for name, value in WRITTEN.items() if name != key}, WRITTEN | {key: " "}):
        with pytest.raises(ValidationError, match=key):
            Waiver.model_validate(written)


@pytest.mark.parametrize(
    ("rule", "slice_name", "pattern", "covers"),
    [
        ("gap", "gender:male", "gender:male", True),
        ("gap", "gender:female", "gender:male", False),
        ("guard", "gender:male", "gender:male", False),
        ("gap", "gender:male", "gender:*", True),
        ("gap", "gender:*", "gender:*", True),
        ("gap", "gender:*", "gender:male", False),
        ("gap", "gender:male × race:black", "gender:*", False),
        ("gap", "race:black × gender:male", "gender:* × race:*", True),
    ],
)
def test_waiver_covers_its_rule_on_its_slices(rule: str, slice_name: str, pattern: str, covers: bool) -> None:
    written = waiver(slice=pattern)
    assert covering([written], rule, slice_name) == (written if covers else None)


def policy(kind: str = "gap", waived: str = "gender:male", **changes: Any) -> Policy:
    limits: dict[str, dict[str, object]] = {"gap": {"limit": 1.25}, "worst_slice": {"max": 0.2}, "improvement": {}}
    rule: dict[str, object] = {
        "kind": kind,
        "id": "gap",
        "metric": "false_positive_rate",
        "thresholds": [0.5],
        "slices": ["gender:*"],
    }
    rule |= limits[kind]
    across = changes.pop("rule", {})
    return Policy.model_validate({"rules": [rule | across], "waivers": [WRITTEN | {"slice": waived}], **changes})


def test_policy_with_a_waiver_survives_json() -> None:
    assert Policy.model_validate_json(policy().model_dump_json()) == policy()


def test_waiver_of_a_rule_that_does_not_exist_is_an_error() -> None:
    """A check is no rule either."""
    for name in ("serving-check", "gap2"):
        with pytest.raises(ValidationError, match=r"waivers\.0\.rule\n  there is no rule of this id to waive; the rules are gap"):
            policy(waivers=[WRITTEN | {"rule": name}])


def test_policy_may_forbid_waivers() -> None:
    with pytest.raises(ValidationError) as error:
        policy(allow_waivers=False)
    (problem,) = error.value.errors()
    assert (problem["loc"], problem["input"]) == (("waivers",), str(waiver()))
    assert problem["msg"] == "allow_waivers is false, so the policy may have no waivers; remove them"


def test_waiver_of_a_policy_without_rules_is_an_error() -> None:
    with pytest.raises(ValidationError, match="there is no rule of this id to waive; the rules are none"):
        Policy.model_validate({"rules": [], "waivers": [WRITTEN]})


def test_waiver_of_one_of_the_slices_of_which_the_worst_is_reported() -> None:
    with pytest.raises(ValidationError) as error:
        policy("worst_slice", rule={"slices": ["gender:*", "race:*"]})
    (problem,) = error.value.errors()
    assert problem["loc"] == ("waivers", 0, "slice")
    assert problem["msg"].endswith("waive all of them, 'gender:*', 'race:*'")


@pytest.mark.parametrize(
    ("kind", "changes"),
    [("worst_slice", {}), ("gap", {"against": "best"}), ("improvement", {})],
)
def test_rule_that_reports_the_worst_slice_is_waived_on_all_of_them(kind: str, changes: dict[str, Any]) -> None:
    """A waiver of the worst slice would hide the next."""
    with pytest.raises(ValidationError, match="reports only the worst of its slices"):
        policy(kind, rule=changes)
    assert len(policy(kind, "gender:*", rule=changes).waivers) == 1


def test_rule_that_judges_each_slice_is_waived_on_one() -> None:
    assert len(policy("improvement", rule={"across": "each"}).waivers) == 1


def test_policy_of_which_every_failure_is_waived() -> None:
    """A waived failure does not refuse, also where no other rule is left."""
    rate, found = (MetricKey(name, 0.5) for name in ("false_positive_rate", "true_positive_rate"))
    whole = SliceMetrics(2000, 1000, 1000, rates={rate: Rate(300, 1000), found: Rate(900, 1000)})
    ceiling = {"id": "ceiling", "kind": "quality", "metric": rate.name, "thresholds": [0.5], "max": 0.2}
    written = WRITTEN | {"rule": "ceiling", "slice": "overall"}
    waived = Policy.model_validate({"rules": [ceiling], "waivers": [written]})
    decision = decide(waived, Evaluation({"candidate": {"overall": whole}}), waivers=waived.waivers)
    assert (decision.outcome, decision.summary) == (
        "blessed",
        "Blessed with 1 waiver: 0 of 1 rules hold, 0 proven and 0 not disproven; 1 is waived.",
    )
