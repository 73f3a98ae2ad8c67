"""Alerts: which outcomes of a run are reported, and the message that is sent.

In: `Alerts`, part of the configuration, and a verdict or an error. Out: a message for `pipeline.webhook`.
"""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from fairgate.cli.exit_codes import OUTCOMES
from fairgate.errors import InputError
from fairgate.gate.outcome import decisive
from fairgate.quantities import Real

if TYPE_CHECKING:  # the configuration is read without it
    from fairgate.gate.verdict import Verdict

Event = Literal["blessed", "refused", "inconclusive", "reported", "failed"]

VERSION = 1
_MOST_REASONS = 10
_VARIABLE = re.compile("[A-Za-z_][A-Za-z0-9_]*")
_LONGEST = 1000  # characters of an error message in an alert
_SIGNS = {"blessed": "✅", "refused": "❌", "inconclusive": "❔", "reported": "📋", "failed": "💥"}
_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})  # in Slack, <!channel> notifies everybody


class Alerts(BaseModel):
    """When and where the outcome of a run is reported.

    Attributes:
        url_variable: the environment variable with the webhook's address, which is a secret; "" sends no alerts.
        on: the outcomes that are reported; "failed" is an error, of the data or of the program.
        seconds: time limit for all attempts together.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    url_variable: str = ""
    on: tuple[Event, ...] = ("refused", "inconclusive", "failed")
    seconds: Real = Field(default=30, gt=0, le=600)

    @field_validator("url_variable")
    @classmethod
    def _is_a_name(cls, name: str) -> str:
        """Refuse the address itself: on a command line everybody on the machine could read it, and in a file whoever has that."""
        if name and not _VARIABLE.fullmatch(name):
            raise ValueError(
                "name the environment variable that holds the address, for example --set alerts.url_variable=FAIRGATE_WEBHOOK; "
                "if this was the address itself, get a new one, for others may have seen it"
            )
        return name


@dataclass(frozen=True)
class Ending:
    """The outcome of a run.

    Attributes:
        task: name of the task.
        event: the outcome, or "failed".
        summary: the outcome in one sentence.
        reasons: the decisive reasons, one sentence each.
        root: the run's root folder.
        details: the report, or the log file if there is no report.
    """

    task: str
    event: Event
    summary: str
    reasons: tuple[str, ...]
    root: Path
    details: Path


def of_verdict(verdict: "Verdict", root: Path, report: Path) -> Ending:
    """Return the ending of a run with a verdict; the reasons are those of the decisive rules."""
    reasons = tuple(rule.reason for rule in decisive(verdict.rules)) if verdict.outcome != "blessed" else ()
    return Ending(verdict.task, verdict.outcome, verdict.summary, reasons[:_MOST_REASONS], root.resolve(), report)


def of_error(task: str, error: Exception, root: Path, log_file: Path) -> Ending:
    """Return the ending of a failed run; a crash is named by its type alone, since its message may quote comments."""
    summary = str(error)[:_LONGEST] if isinstance(error, InputError) else f"The run crashed ({type(error).__name__})."
    return Ending(task, "failed", summary, (), root.resolve(), log_file.resolve())


def message(ending: Ending, key: str) -> dict[str, Any]:
    """Build the message to send.

    Args:
        ending: the outcome of the run.
        key: the same in every attempt, so that the receiver can recognise a repetition.

    Returns:
        `text`, shown by Slack and similar services, and `fairgate`, the same as fields.
    """
    heading = f"{_SIGNS[ending.event]} fairgate: {ending.task} {ending.event}"
    lines = [heading, ending.summary, *(f"• {reason}" for reason in ending.reasons), str(ending.details)]
    fields = {
        "version": VERSION,
        "id": key,
        "task": ending.task,
        "event": ending.event,
        "exit_code": None if ending.event == "failed" else OUTCOMES[ending.event],
        "summary": ending.summary,
        "reasons": list(ending.reasons),
        "root": str(ending.root),
        "details": str(ending.details),
    }
    return {"text": "\n".join(lines).translate(_ESCAPES), "fairgate": fields}
