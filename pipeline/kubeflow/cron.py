"""Translate cron expressions from the usual five fields to the six that Kubeflow Pipelines reads.

In: "minute hour day month weekday", its time zone and the cluster's time zone. Out: "second minute hour
day month weekday". Given five fields, Kubeflow Pipelines would silently take the minutes for seconds.

If the difference between the zones changes during the year, no single expression is right all year; that is an error. Time
zones come from the machine (IANA).
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from itertools import product
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from fairgate.errors import InputError

_DAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_LIMITS = {"minute": (0, 59), "hour": (0, 23), "day": (1, 31), "month": (1, 12), "weekday": (0, 7)}
_NAMES = {
    "month": {name: number for number, name in enumerate(_MONTHS, start=1)},
    "weekday": {name: number for number, name in enumerate(_DAYS)},
}
_PRESETS = {  # of cron and Airflow -> the same as fields, which the message names
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
}
_MINUTES_OF_DAY = 24 * 60


def for_kubeflow(expression: str, zone: str, cluster_zone: str, now: datetime) -> str:
    """Return the six fields.

    Args:
        expression: five fields: numbers, names (MON, JAN), lists, ranges, steps and *; weekday 7 is Sunday, as 0 is.
        zone: the time zone of the expression, as in "Europe/Berlin".
        cluster_zone: the time zone of the cluster; UTC unless its CRON_SCHEDULE_TIMEZONE says otherwise.
        now: with a zone; the difference between the zones must be constant for a year from now.

    Raises:
        InputError: an invalid expression, an unknown zone, or a schedule that cannot be expressed in the cluster's zone.
    """
    fields = _fields(expression)
    shift = _difference(zone, cluster_zone, now)
    if shift % _MINUTES_OF_DAY == 0:
        return " ".join(["0", *(_written(name, values) for name, values in fields.items())])
    try:
        moved = _moved(fields, shift)
    except ValueError as error:
        raise InputError(
            f"The schedule {expression!r} in {zone} cannot be written in {cluster_zone}, the cluster's zone: {error}. Give it in "
            f"{cluster_zone}, or set the cluster's CRON_SCHEDULE_TIMEZONE to {zone} and add --cluster-timezone {zone}."
        ) from None
    return " ".join(["0", *(_written(name, values) for name, values in moved.items())])


def check(expression: str, zone: str) -> None:
    """Raise InputError for an invalid expression or an unknown zone; see `for_kubeflow`."""
    _fields(expression)
    _zone(zone)


def _fields(expression: str) -> dict[str, frozenset[int]]:
    """Parse the expression into a mapping from field name to its set of values."""
    parts = expression.split()
    if len(parts) != len(_LIMITS):
        example = _PRESETS.get(expression.strip().lower(), "0 3 * * 1")
        raise InputError(
            f"The schedule {expression!r} has {len(parts)} field{'s' * (len(parts) != 1)}; give five: minute hour day month "
            f"weekday, as in '{example}'."
        )
    try:
        fields = {name: _values(name, part) for name, part in zip(_LIMITS, parts, strict=True)}
        if not (_every("day", fields["day"]) or _every("weekday", fields["weekday"])):
            raise ValueError("cron programs disagree on a day and a weekday together; name one of them")
        return fields
    except ValueError as error:
        raise InputError(f"The schedule {expression!r}: {error}; write it as in '0 3 * * 1', Mondays at three.") from None


def _values(name: str, part: str) -> frozenset[int]:
    found: set[int] = set()
    for item in part.split(","):
        base, slash, step_text = item.partition("/")
        step = _number(name, step_text) if slash else 1
        first, last = _range(name, base, open_end=bool(slash))
        if step < 1 or first > last:
            raise ValueError(f"{item!r} is no {name}")
        found.update(range(first, last + 1, step))
    return frozenset(value % 7 for value in found) if name == "weekday" else frozenset(found)


def _range(name: str, base: str, open_end: bool) -> tuple[int, int]:
    low, high = _LIMITS[name]
    if base == "*":
        return low, min(high, 6) if name == "weekday" else high
    first_text, dash, last_text = base.partition("-")
    first = _number(name, first_text)
    last = _number(name, last_text) if dash else high if open_end else first
    if not low <= first <= last <= high:
        raise ValueError(f"{base!r} is no {name} from {low} to {high}")
    return first, last


def _number(name: str, text: str) -> int:
    known = _NAMES.get(name, {}).get(text.upper())
    if known is not None:
        return known
    if not (text.isascii() and text.isdigit()):
        raise ValueError(f"{text!r} is no {name}")
    return int(text)


def _difference(zone: str, cluster_zone: str, now: datetime) -> int:
    """Return the minutes to add to a time in `zone` to get the same time in `cluster_zone`."""
    ours, theirs = (_zone(name) for name in (zone, cluster_zone))
    days = [now + timedelta(days=days) for days in range(367)]
    found = {_offset(day, theirs) - _offset(day, ours) for day in days}
    if len(found) > 1:
        raise InputError(
            f"The difference between {zone} and {cluster_zone}, the cluster's zone, changes during the year, and one "
            f"schedule cannot follow it. Give the schedule in {cluster_zone}, or set the cluster's CRON_SCHEDULE_TIMEZONE "
            f"to {zone} and add --cluster-timezone {zone}."
        )
    return found.pop()


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise InputError(f"There is no time zone {name!r} on this machine; name one as in Europe/Berlin.") from None


def _offset(moment: datetime, zone: ZoneInfo) -> int:
    offset = moment.astimezone(zone).utcoffset() or timedelta()
    return round(offset.total_seconds() / 60)


def _moved(fields: dict[str, frozenset[int]], shift: int) -> dict[str, frozenset[int]]:
    """Shift the schedule by `shift` minutes. Raises ValueError if cron fields cannot express the result."""
    moments = {hour * 60 + minute + shift for hour, minute in product(fields["hour"], fields["minute"])}
    hours = frozenset(moment // 60 % 24 for moment in moments)
    minutes = frozenset(moment % 60 for moment in moments)
    times = {moment % _MINUTES_OF_DAY for moment in moments}
    if times != {hour * 60 + minute for hour, minute in product(hours, minutes)}:
        raise ValueError("its hours and minutes no longer fit together")
    days = {moment // _MINUTES_OF_DAY for moment in moments}
    moved = {**fields, "hour": hours, "minute": minutes}
    if days == {0} or all(_every(name, fields[name]) for name in ("day", "month", "weekday")):
        return moved
    if len(days) > 1 or not all(_every(name, fields[name]) for name in ("day", "month")):
        raise ValueError("some of it falls on another day there")
    return {**moved, "weekday": frozenset((day + next(iter(days))) % 7 for day in fields["weekday"])}


def _every(name: str, values: Collection[int]) -> bool:
    low, high = _LIMITS[name]
    return len(values) == (7 if name == "weekday" else high - low + 1)


def _written(name: str, values: Collection[int]) -> str:
    return "*" if _every(name, values) else ",".join(map(str, sorted(values)))
