"""Waive a failure of a rule on a slice until a day: who answers for it, and why.

In: the waivers that a policy lists, and a day. Out: those in force. A waiver excuses rules alone; checks, which hold under
every policy, are never waived. Imports no third-party package but pydantic.
"""

import re
from collections.abc import Iterable
from datetime import date, datetime
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, StringConstraints

from fairgate.names import is_pattern, literal, matching

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def _day(written: object) -> date:
    """Return a day; refuse what pydantic would also take for one: a number of seconds, or a time of day.

    Raises:
        ValueError: it is none.
    """
    if isinstance(written, date) and not isinstance(written, datetime):
        return written
    if isinstance(written, str) and _DAY.fullmatch(written):
        return date.fromisoformat(written)
    raise ValueError("a day is written as year-month-day, such as 2026-12-31")


Day = Annotated[date, BeforeValidator(_day)]
Text = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]


class Waiver(BaseModel):
    """Excuse a rule on a slice.

    Attributes:
        rule: id of a rule of the policy.
        slice: name of a slice, or a pattern with `*`, as in a rule.
        who: the person or body that answers for it.
        why: the reason, for the reader of the verdict.
        until: the last day on which it holds, in UTC.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    rule: Text
    slice: Annotated[Text, AfterValidator(literal)]
    who: Text
    why: Text
    until: Day

    def covers(self, rule: str, slice_name: str) -> bool:
        """Return whether the waiver excuses the rule on the slice, which may be a pattern that the rule itself names."""
        if rule != self.rule:
            return False
        return slice_name == self.slice or (is_pattern(self.slice) and bool(matching(self.slice, [slice_name])))

    def __str__(self) -> str:
        return f"{self.rule} on {self.slice}, waived by {self.who} until {self.until:%Y-%m-%d}: {self.why}"


def in_force(waivers: Iterable[Waiver], day: date) -> tuple[Waiver, ...]:
    """Return the waivers that hold on a day of UTC; the last day of each is included."""
    return tuple(waiver for waiver in waivers if day <= waiver.until)


def covering(waivers: Iterable[Waiver], rule: str, slice_name: str) -> Waiver | None:
    """Return the first waiver that excuses a rule on a slice, if any.

    Args:
        waivers: those in force.
        rule: id of the rule. A check has a name but is no rule: never ask for one.
        slice_name: of the line that is judged; the pattern where no slice matched it.
    """
    return next((waiver for waiver in waivers if waiver.covers(rule, slice_name)), None)
