"""Sentences, edited examples and unknown words."""

import dataclasses
import math

import pandas as pd
import pytest

from fairgate.report import page
from fairgate.report.content import ReportContent
from fairgate.report.sections import edits
from fairgate.report.view import build_view

SENTENCES = pd.DataFrame(
    [
        ("I am", f"I am {word}", model, score, share)
        for word, score, share in (("gay", 0.75, 0.5), ("kind", 0.25, math.nan))
        for model in ("baseline", "candidate")
    ],
    columns=["set", "text", "model", "score", "unknown_words"],
)
EDITS = pd.DataFrame(
    [
        (0.0, "most changed", "toxic", "original", "", "", "", "a secret man", 0.75, 0.25),
        (0.0, "most changed", "toxic", "removed", "gender", "male", "", "a secret", 0.5, 0.25),
        (0.0, "most changed", "toxic", "swapped", "gender", "male", "female", "a secret woman", 0.75, 0.25),
    ],
    columns=["example", "reason", "label", "kind", "group", "term", "other", "text", "baseline", "candidate"],
)
SHARES = pd.DataFrame(
    [
        (0.0, model, place - 1.0, word, share, True)
        for model in ("baseline", "candidate")
        for place, (word, share) in enumerate((("", 0.5), ("secret", 1.0), ("man", -0.25), ("secret", 1.0)))
    ],
    columns=["example", "model", "position", "word", "share", "exact"],
)
NEAREST = pd.DataFrame(
    [(0.0, "a secret dog", "toxic", 0.5, 0.75, 0.125, 1438.0)],
    columns=["example", "text", "label", "baseline", "candidate", "distance", "n"],
)
VOCABULARY = pd.DataFrame({"split": ["eval"], "n": [2000.0], "unknown": [0.125], "half": [40.0], "none": [3.0]})


@pytest.fixture(scope="module")
def content(binary_content: ReportContent) -> ReportContent:
    """A report with all of it."""
    return dataclasses.replace(
        binary_content, sentences=SENTENCES, edits=EDITS, word_shares=SHARES, nearest=NEAREST, vocabulary=VOCABULARY
    )


def test_edits_mark_the_decisions_that_they_change(content: ReportContent) -> None:
    """At the opening threshold, 0.5, which a score has to exceed."""
    (example,) = edits.edited_examples(build_view(content), EDITS)
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


def test_carriers_and_the_rest_sum_to_the_logit(content: ReportContent) -> None:
    """Equal words stand together, the greatest first; by occlusion the rest is no number."""
    (example,) = edits.edited_examples(build_view(content), EDITS)
    words = [{"word": "secret", "share": 2.0}, {"word": "man", "share": -0.25}]
    assert example.carriers == [(model, words, 0.5) for model in ("baseline", "candidate")]
    occluded = dataclasses.replace(content, word_shares=SHARES.assign(exact=False), nearest=None)
    (other,) = edits.edited_examples(build_view(occluded), EDITS)
    assert (other.exact, other.carriers[0][2], other.nearest) == (False, None, None)
    (bare,) = edits.edited_examples(build_view(dataclasses.replace(content, word_shares=None)), EDITS)
    assert bare.carriers == []


def test_sentences_stand_once_with_both_scores() -> None:
    assert edits.sentence_rows(SENTENCES) == [
        {"set": "I am", "text": "I am gay", "baseline": 0.75, "candidate": 0.75, "unknown": "50\u00a0%"},
        {"set": "I am", "text": "I am kind", "baseline": 0.25, "candidate": 0.25, "unknown": "–"},
    ]


def test_section_appears_with_any_of_its_parts(content: ReportContent, binary_content: ReportContent) -> None:
    assert edits.parts(build_view(binary_content)) is None
    for name in ("sentences", "edits", "vocabulary"):
        alone = dataclasses.replace(binary_content, **{name: getattr(content, name)})
        assert '<section class="part" id="edits"' in page.build(alone)


def test_page_without_text_has_no_word_of_an_example(content: ReportContent) -> None:
    """The configuration's own sentences stay."""
    assert "secret" in page.build(content)
    html = page.build(content, text=False)
    assert "secret" not in html
    assert "I am gay" in html
