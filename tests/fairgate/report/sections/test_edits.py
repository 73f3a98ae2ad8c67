"""Sentences, edited examples and unknown words."""

import dataclasses
from typing import Any

from fairgate.report import page
from fairgate.report.content import ReportContent
from fairgate.report.sections import edits
from fairgate.report.view import build_view
from tests.fairgate.report.edited import EDITS, SENTENCES, SHARES


def test_edits_mark_the_decisions_that_they_change(binary_content: ReportContent) -> None:
    """At the opening threshold, 0.5, which a score has to exceed."""
    (example,) = edits.edited_examples(build_view(binary_content), EDITS)
    assert [(edit["says"], edit["baseline_flips"], edit["candidate_flips"]) for edit in example.edits] == [
        ("as written", False, False),
        ("male removed", True, False),
        ("male → female", False, False),
    ]
    assert (example.reason, example.label, example.baseline, example.candidate, example.flips) == (
        "most changed",
        "toxic",
        0.75,
        0.25,
        1,
    )


def test_carriers_and_the_rest_sum_to_the_logit(binary_content: ReportContent) -> None:
    """Equal words stand together, the greatest first; by occlusion the rest is no number."""
    (example,) = edits.edited_examples(build_view(binary_content), EDITS)
    words = [{"word": "secret", "share": 2.0}, {"word": "man", "share": -0.25}]
    assert example.carriers == [(model, words, 0.5) for model in ("baseline", "candidate")]
    occluded = dataclasses.replace(binary_content, word_shares=SHARES.assign(exact=False), nearest=None)
    (other,) = edits.edited_examples(build_view(occluded), EDITS)
    assert (other.exact, other.carriers[0][2], other.nearest) == (False, None, None)
    (bare,) = edits.edited_examples(build_view(dataclasses.replace(binary_content, word_shares=None)), EDITS)
    assert bare.carriers == []


def test_sentences_stand_once_with_both_scores() -> None:
    assert edits.sentence_rows(SENTENCES) == [
        {"set": "I am", "text": "I am gay", "baseline": 0.75, "candidate": 0.75, "unknown": "50\u00a0%"},
        {"set": "I am", "text": "I am kind", "baseline": 0.25, "candidate": 0.25, "unknown": "–"},
    ]


def test_section_appears_with_any_of_its_parts(binary_content: ReportContent) -> None:
    bare = dataclasses.replace(binary_content, sentences=None, edits=None, vocabulary=None)
    assert edits.parts(build_view(bare)) is None
    for name in ("sentences", "edits", "vocabulary"):
        part: Any = {name: getattr(binary_content, name)}
        alone = dataclasses.replace(bare, **part)
        assert '<section class="part" id="edits"' in page.build(alone)


def test_page_without_text_has_no_word_of_an_example(binary_content: ReportContent) -> None:
    """The configuration's own sentences stay."""
    assert "secret" in page.build(binary_content)
    html = page.build(binary_content, text=False)
    assert "secret" not in html
    assert "I am gay" in html
