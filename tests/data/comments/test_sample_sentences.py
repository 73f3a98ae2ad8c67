"""Sentences from templates and slots."""

from collections import Counter

import numpy as np

from data.comments.sample_phrases import PRONOUNS, TONES, TOPICS
from data.comments.sample_sentences import expand, person_sentences, pools


def test_slots_are_combined_and_a_capital_starts_with_one() -> None:
    """Every combination occurs once; {Who} is {who} at the start of a sentence."""
    slots = {"who": ("the man", "a dog"), "what": ("sat", "ran")}
    assert expand(["{Who} {what} by {who}."], slots)[:3] == (
        "The man sat by the man.",
        "The man sat by a dog.",
        "The man ran by the man.",
    )
    assert len(set(expand(["{Who} {what} by {who}."], slots))) == 8


def test_templates_are_equally_frequent() -> None:
    """A template with few combinations is repeated, evenly."""
    sentences = expand(["Yes, {a}.", "No, {a} {b}."], {"a": ("1", "2"), "b": ("3", "4")})
    assert Counter(sentence[:2] for sentence in sentences) == {"Ye": 4, "No": 4}
    assert Counter(sentences)["Yes, 1."] == Counter(sentences)["Yes, 2."] == 2


def test_persons_have_their_pronouns() -> None:
    """Gendered persons are followed by gendered pronouns, all others by they."""
    for identity, (they, _, _) in PRONOUNS.items():
        assert any(f"although {they} read" in sentence for sentence in person_sentences(identity))
    assert any("although they read" in sentence for sentence in person_sentences("transgender"))


def test_texts_join_one_sentence_of_each_pool() -> None:
    """The empty sentence leaves no gap."""
    known = pools()
    parts = [np.full(5, known.topics[0]), np.full(5, known.silence), np.full(5, known.tones[0])]
    texts = known.texts(np.random.default_rng(0), parts)
    assert len(texts) == 5
    assert all("  " not in text and text == text.strip() and text[0].isupper() for text in texts)
    assert (len(known.topics), len(known.persons), len(known.tones)) == (len(TOPICS), 25, len(TONES))
