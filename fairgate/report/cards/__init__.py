"""Write the data sheet and the model card of a run as files, for people and for programs.

In: `ReportContent`. Out: datasheet.md and datasheet.json (Croissant with its vocabulary of responsible AI), model_card.md (with
the front matter that model hubs read) and model_card.json (Google's model-card schema, version 0.0.2). Everything in them was
measured by the run, or is said by people in the part `card` of the configuration; what nobody said is listed as open.
Whatever comes from data or configuration is escaped: it can neither format nor link nor end a block of metadata.
"""

from collections.abc import Mapping
from pathlib import Path

from fairgate.files import replace_text
from fairgate.report.cards import croissant, datasheet, hub_card, model_card
from fairgate.report.content import ReportContent
from fairgate.run_folder import DATASHEET, DATASHEET_TEXT, MODEL_CARD, MODEL_CARD_TEXT


def render(content: ReportContent) -> Mapping[str, str]:
    """Return file name -> content of all four files."""
    return {
        DATASHEET_TEXT: datasheet.render(content),
        DATASHEET: croissant.render(content),
        MODEL_CARD_TEXT: hub_card.render(content),
        MODEL_CARD: model_card.render(content),
    }


def write(content: ReportContent, folder: Path) -> None:
    """Write all four files, each to a temporary name that is then renamed."""
    for name, text in render(content).items():
        replace_text(folder / name, text)
