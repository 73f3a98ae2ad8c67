"""The model card."""

from dataclasses import replace

from fairgate.report import document
from fairgate.report.content import ReportContent
from fairgate.report.sections import card
from fairgate.report.view import build_view
from fairgate.statements import CardStatements


def test_metrics_of_rules_come_first_in_the_groups(binary_content: ReportContent) -> None:
    """Five metrics, each slice with a cell for every one."""
    view = build_view(binary_content)
    values = card.parts(view).values
    assert values["labels"][0] == "False positive rate"
    assert len(values["labels"]) == 5
    assert [row["slice"] for row in values["groups"]] == view.slices["slice"].tolist()
    assert all(len(row["cells"]) == 5 for row in values["groups"])


def test_cells_are_the_candidates(binary_content: ReportContent) -> None:
    """At the threshold that the page opens with."""
    view = build_view(binary_content)
    cells = [cell for row in card.parts(view).values["groups"] for cell in row["cells"] if cell]
    assert {cell["model"] for cell in cells} == {"candidate"}
    assert {cell["threshold"] for cell in cells if cell["threshold"] == cell["threshold"]} == {view.start.threshold}


def test_data_sheet_names_the_features_that_are_tagged_by_word(binary_content: ReportContent) -> None:
    """Nothing is said of it where people annotated all."""
    data_info = binary_content.verdict.data.model_copy(update={"tagged_features": ("gender", "race")})
    tagged = replace(binary_content, verdict=binary_content.verdict.model_copy(update={"data": data_info}))
    line = "<dt>Tagged by word, not by people</dt><dd>gender, race</dd>"
    assert line in drawn(tagged)
    assert "Tagged by word" not in drawn(binary_content)


def drawn(content: ReportContent) -> str:
    """The section's HTML."""
    view = build_view(content)
    return document.fill(card.TEMPLATE, view=view, verdict=view.verdict, figures={}, **card.parts(view).values)


def test_license_of_the_data_is_that_which_is_said_of_them(binary_content: ReportContent) -> None:
    for said, shown in (("", False), ("CC0-1.0", True)):
        view = build_view(replace(binary_content, statements=CardStatements(data_license=said)))
        html = document.fill(card.TEMPLATE, view=view, verdict=view.verdict, figures={}, **card.parts(view).values)
        assert ("<dt>Licence of the data</dt><dd>CC0-1.0</dd>" in html) is shown
