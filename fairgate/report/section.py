"""Define what a section of the report is, and register all sections.

A section is one module of `fairgate.report.sections`. It holds the section's charts, its values and the text of its template, and
registers itself when it is imported; `sections/__init__` imports every one, in the order of the page.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from fairgate.report.charts import Figure
from fairgate.report.view import ReportView


@dataclass(frozen=True)
class Parts:
    """What a section shows of one report.

    Attributes:
        title: of its entry in the contents.
        figures: name -> chart; a name is unique in the page.
        values: names of the template besides those that every template has.
    """

    title: str
    figures: Mapping[str, Figure] = field(default_factory=dict)
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Section:
    """A section of the page.

    Attributes:
        name: its id in the page.
        template: Jinja text of the whole `<section>`. It knows `view`, `verdict`, `figures` (charts of this section, for the
            macro `chart`), the macros of `assets/macros.html`, and the values of the parts.
        parts: what it shows of a report; None when the report has nothing for it.
        explored: whether its charts follow the controls of the indicators; such sections stand together.
    """

    name: str
    template: str
    parts: Callable[[ReportView], Parts | None]
    explored: bool = False


SECTIONS: list[Section] = []


def register(section: Section) -> None:
    """Add a section at the end of the page.

    Raises:
        ValueError: another section has this name.
    """
    if any(known.name == section.name for known in SECTIONS):
        raise ValueError(f"There are two sections {section.name!r}. Give the new one another name.")
    SECTIONS.append(section)
