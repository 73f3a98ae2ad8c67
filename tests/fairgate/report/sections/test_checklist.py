"""The section of questions before use."""

import dataclasses

import pandas as pd

from fairgate.report import page
from fairgate.report.content import ReportContent
from fairgate.report.sections import checklist
from fairgate.report.view import build_view


def test_states_are_counted(binary_content: ReportContent) -> None:
    values = checklist.parts(build_view(binary_content)).values
    states = [question.state for asked in values["groups"].values() for question in asked]
    left, look = states.count("open"), states.count("look")
    assert left
    answered = f"{len(states) - left} are answered, {look} of them with something to look at"
    assert values["counts"] == f"Of {len(states)} questions, {answered}; {left} are open."


def test_links_lead_to_sections_of_the_page(binary_content: ReportContent, image_content: ReportContent) -> None:
    for content in (binary_content, image_content):
        shown = checklist.parts(build_view(content)).values["shown"]
        html = page.build(content)
        assert shown
        assert all(f'id="{name}"' in html for name in shown)


def test_inputs_unlike_training_are_shown_inert(binary_content: ReportContent) -> None:
    table = pd.DataFrame({"input": ["<b>x", "y"], "decision": "toxic", "value": 0.7, "warnings": ["it is odd", ""]})
    html = page.build(dataclasses.replace(binary_content, outsiders=table))
    assert "&lt;b&gt;x" in html
    assert '<td class="wide">it is odd</td>' in html
    assert '<td class="wide">none</td>' in html
