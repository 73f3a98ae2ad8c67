"""What every model of a verdict says of itself, and where it is shown."""

import io

import pytest
from rich.console import Console

from fairgate.cli.summary import print_verdict
from fairgate.gate import markdown
from fairgate.gate.model_lines import ModelLine, model_lines, notes, remedies
from fairgate.gate.verdict import DataInfo, ModelInfo, Provenance, Verdict
from fairgate.model_facts import OperatingPoint, Remedy

POINT = OperatingPoint(name="target_fpr: 0.1", threshold=0.3, chosen_on="validation", rows=2000)
WORDS = "a false positive rate of 0.1, chosen on validation (2,000 examples)"
REMEDY = Remedy(name="identity weights", strength=2, sentence="Harmless comments on | identities [weigh] twice as much.")
INFOS = {
    "reference": ModelInfo(notes=("All say it.", "Words alone.")),
    "baseline": ModelInfo(notes=("All say it.", "Two say it.")),
    "candidate": ModelInfo(operating_point=POINT, remedy=REMEDY, notes=("All say it.", "Two say it.")),
}
OVERALL = {
    "auc": {"baseline": 0.8, "candidate": 0.825, "reference": 0.79},
    "false_positive_rate@0.3": {"baseline": 0.5, "candidate": 0.1, "reference": 0.5},
    "false_negative_rate@0.3": {"baseline": 0.5, "candidate": 0.375, "reference": 0.5},
    "false_positive_rate@0.5": {"baseline": 0.25, "candidate": 0.0, "reference": None},
}


def verdict(**models: ModelInfo) -> Verdict:
    return Verdict.model_validate(
        {
            **{"task": "civil-comments", "outcome": "blessed", "summary": "Blessed.", "models": models, "overall": OVERALL},
            **{"rules": (), "slices": (), "omitted": {}, "invalid_scores": {}, "confidence": 0.95},
            **{"data": DataInfo(source="somewhere"), "provenance": Provenance()},
        }
    )


def test_every_model_has_a_line_at_its_own_threshold() -> None:
    """The baseline first, the reference last; a rate that was not measured or is undefined is absent."""
    assert model_lines(verdict(**INFOS)) == [
        ModelLine("baseline", 0.5, 0.8, 0.25, None, "", "", ""),
        ModelLine("candidate", 0.3, 0.825, 0.1, 0.375, WORDS, "a false positive rate of 0.1", REMEDY.sentence),
        ModelLine("reference", 0.5, 0.79, None, None, "", "", ""),
    ]


@pytest.mark.parametrize(
    ("candidate", "others", "number"),
    [
        (ModelInfo(description="plain"), {}, 0),
        (ModelInfo(notes=("A note.",)), {}, 1),
        (ModelInfo(remedy=REMEDY), {}, 1),
        (ModelInfo(operating_point=POINT), {}, 1),
        (ModelInfo(), {"reference": ModelInfo()}, 2),
    ],
)
def test_where_no_model_says_anything_and_none_is_a_reference_there_are_no_lines(
    candidate: ModelInfo, others: dict[str, ModelInfo], number: int
) -> None:
    assert len(model_lines(verdict(candidate=candidate, **others))) == number


def test_a_note_is_said_once_and_by_whom() -> None:
    found = verdict(**INFOS)
    assert notes(found) == ["All say it.", "Reference: Words alone.", "Baseline and candidate: Two say it."]
    assert list(remedies(model_lines(found))) == [f"Candidate: {REMEDY.sentence}"]


def test_markdown_shows_them_escaped() -> None:
    text = markdown.render(verdict(**INFOS))
    part = text.partition("## Models\n\n")[2].partition("\n## ")[0]
    assert part.splitlines() == [
        "| model | AUC | threshold | false positive rate | false negative rate | operating point |",
        "|---|---|---|---|---|---|",
        "| baseline | 0.8 | 0.5 | 0.25 | – | – |",
        f"| candidate | 0.825 | 0.3 | 0.1 | 0.375 | {WORDS.replace('_', chr(92) + '_')} |",
        "| reference | 0.79 | 0.5 | – | – | – |",
        "",
        "- Candidate: Harmless comments on \\| identities \\[weigh\\] twice as much.",
        "- All say it.",
        "- Reference: Words alone.",
        "- Baseline and candidate: Two say it.",
    ]


def test_markdown_without_sentences_has_the_table_alone() -> None:
    text = markdown.render(verdict(candidate=ModelInfo(), reference=ModelInfo()))
    assert "| reference | 0.79 | 0.5 | – | – | – |\n\n## " in text
    assert "## Models" not in markdown.render(verdict(candidate=ModelInfo(description="plain")))


def test_the_terminal_shows_them_in_brief() -> None:
    text = io.StringIO()
    print_verdict(Console(file=text, width=130), verdict(**INFOS))
    lines = [line.rstrip() for line in text.getvalue().splitlines()]
    assert lines[lines.index("model        AUC    FPR    FNR  threshold  operating point") :] == [
        "model        AUC    FPR    FNR  threshold  operating point",
        "baseline   0.800  0.250      –        0.5  –",
        "candidate  0.825  0.100  0.375        0.3  a false positive rate of 0.1",
        "reference  0.790      –      –        0.5  –",
        "  • Candidate: Harmless comments on | identities [weigh] twice as much.",
        "  • All say it.",
        "  • Reference: Words alone.",
        "  • Baseline and candidate: Two say it.",
    ]
