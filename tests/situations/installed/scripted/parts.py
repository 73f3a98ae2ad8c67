"""The tasks' additions to a report: the content of examples, and nothing else."""

from collections.abc import Mapping, Sequence
from typing import Any

from components.tasks.base import ReportParts
from data.records import decode_example
from scripted.table import COMMENT


def show(serialized: Sequence[bytes]) -> Mapping[str, Sequence[str]]:
    """Return the content of every example."""
    contents = [decode_example(record)[COMMENT][0] for record in serialized]
    return {"text": [content.decode() for content in contents if isinstance(content, bytes)]}


def add(detail: Any, examples_uri: str, models: Mapping[str, str]) -> Mapping[str, Any]:  # noqa: ARG001  # the task interface
    """Return no part of a report."""
    return {}


PARTS = ReportParts(show, add)
