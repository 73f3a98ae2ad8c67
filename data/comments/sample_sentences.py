"""The sentences of the generated sample by subject, and texts composed of them.

In: the tables of `data.comments.sample_phrases`, and per text the numbers of the pools of its sentences. Out: texts.
"""

import itertools
import string
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from data.comments.civil_comments import IDENTITY_COLUMNS
from data.comments.sample_phrases import (
    CLOSINGS,
    NOBODY,
    PERSON_TEMPLATES,
    PERSONS,
    PLACES,
    PRONOUNS,
    SLOTS,
    TIMES,
    TONES,
    TOPIC_TEMPLATES,
    TOPICS,
)

Positions = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Pools:
    """All sentences, each after a space, pool by pool.

    Attributes:
        sentences: str[S], as objects.
        starts, sizes: where the sentences of each pool stand.
        topics, persons, tones: numbers of their pools; persons in the order of IDENTITY_COLUMNS, then the one without an
            identity.
        closing, silence: numbers of these two; silence holds only the empty sentence.
    """

    sentences: npt.NDArray[np.object_]
    starts: Positions
    sizes: Positions
    topics: Positions
    persons: Positions
    tones: Positions
    closing: int
    silence: int

    def texts(self, rng: np.random.Generator, parts: Sequence[Positions]) -> list[str]:
        """Compose texts by drawing a sentence from each pool.

        Args:
            rng: source of the draws.
            parts: for each place in a text the numbers of the pools, int[n].

        Returns:
            n texts, the sentences of each joined by spaces.
        """
        columns = []
        for pool in parts:
            within = (rng.random(len(pool)) * self.sizes[pool]).astype(np.int64)
            columns.append(self.sentences[self.starts[pool] + within].tolist())
        return ["".join(row)[1:] for row in zip(*columns, strict=True)]


@lru_cache(maxsize=1)
def pools() -> Pools:
    """Return all pools; they are built once, in a fraction of a second."""
    groups = [
        [topic_sentences(topic) for topic in TOPICS],
        [person_sentences(identity) for identity in (*IDENTITY_COLUMNS, NOBODY)],
        [tone_sentences(tone) for tone in TONES],
        [CLOSINGS, ("",)],
    ]
    every = list(itertools.chain.from_iterable(groups))
    sizes = np.array([len(pool) for pool in every])
    ends = np.cumsum([len(group) for group in groups])
    topics, persons, tones, (closing, silence) = np.split(np.arange(len(every)), ends[:-1])
    spaced = [f" {sentence}" if sentence else "" for sentence in itertools.chain.from_iterable(every)]
    sentences = np.array(spaced, dtype=object)
    return Pools(sentences, np.cumsum(sizes) - sizes, sizes, topics, persons, tones, int(closing), int(silence))


def topic_sentences(topic: str) -> tuple[str, ...]:
    """Return some thousand sentences about a topic; every template is equally frequent."""
    subjects, events = TOPICS[topic]
    return expand(TOPIC_TEMPLATES, {"subject": subjects, "happened": events, "time": TIMES, "place": PLACES})


def tone_sentences(tone: str) -> tuple[str, ...]:
    """Return some thousand sentences in a tone; every template is equally frequent."""
    return expand(TONES[tone], SLOTS)


def person_sentences(identity: str) -> tuple[str, ...]:
    """Return some hundred sentences that mention an identity, or, for NOBODY, a person without one."""
    they, them, their = PRONOUNS.get(identity, ("they", "them", "their"))
    return expand(PERSON_TEMPLATES, {**SLOTS, "person": PERSONS[identity], "they": (they,), "them": (them,), "their": (their,)})


def expand(templates: Sequence[str], slots: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """Fill every template with every combination of its slots.

    A slot named with a capital starts its filling with one. Templates with fewer combinations than the richest one are repeated,
    evenly, until
    all have the same number: a sentence drawn from the result comes from each template equally often.
    """
    filled = [_fill(template, slots) for template in templates]
    count = max(map(len, filled))
    return tuple(sentences[position * len(sentences) // count] for sentences in filled for position in range(count))


def _fill(template: str, slots: Mapping[str, Sequence[str]]) -> list[str]:
    names = [name for _, name, _, _ in string.Formatter().parse(template) if name]
    choices = [_fillings(name, slots) for name in names]
    return [template.format(**dict(zip(names, chosen, strict=True))) for chosen in itertools.product(*choices)]


def _fillings(name: str, slots: Mapping[str, Sequence[str]]) -> Sequence[str]:
    if name[0].isupper():
        return [filling[0].upper() + filling[1:] for filling in slots[name.lower()]]
    return slots[name]
