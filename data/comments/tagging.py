"""Tag the identities that a comment names, by its words, where nobody annotated them.

In: a text. Out: the identities of each feature, in the order of `IDENTITIES`. Pure Python, deterministic, no third-party package.

A text's words are its runs of Unicode letters, after NFKC, in any case: "Women's" holds "women", and "human" no "man". The words
and their rules are those of `data.comments.identity_words`. Most words name an identity wherever they stand; ambiguous ones need
a neighbour. For "black" that is

* a person behind it, across modifiers and lists: "black men", "white working class voters", "black, white and Asian people";
* a word of race behind it: "white supremacy", "black lives";
* the end of a phrase, where an article stands before it or persons are its subject: "a black who voted", "they are white".

So "a black car", "the White House", "straight ahead", "a blind eye" and "the Trans Mountain pipeline" name nobody. The rules do
not see sarcasm, negation ("no man"), names ("Christian Bale"), misspellings, or persons who are only called by name or pronoun.
docs/data.md states the agreement with human annotators.
"""

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache

from data.comments import identity_words as words
from data.comments.identity_words import Ambiguous, word_set
from data.comments.names import IDENTITIES

_WORD = re.compile(r"[^\W\d_]+")
_TOKEN = re.compile(r"[^\W\d_]+|[.,;:!?()\"/&]")  # apostrophes and hyphens join: "he's black", "African-American"
_END = "."
_STOPS = frozenset('.;:!?()"') | word_set(
    "who whom that which is was are were be been am in on at from for by with as than because but when while if "
    "can could will would should shall may might must do does did has have had"
)
"""What a phrase ends before."""
_LINKS = frozenset({"and", "or", "nor", "vs", ",", "/", "&", "on"})
_BE = frozenset({"am", "is", "are", "was", "were", "be", "been", "being", "m", "re", "s", "isn", "aren", "wasn", "weren"})
_ADVERBS = frozenset({"not", "t", "also", "all", "both", "just", "only", "mostly", "really", "actually"})


def _plain() -> dict[str, str]:
    """Return word -> identity, of the words that name an identity wherever they stand."""
    found = {form: identity for identity, forms in words.FURTHER.items() for form in forms.split()}
    for feature in words.SWAPPED.values():
        for of_one in feature.values():
            for term, word in of_one.items():
                found[word.lower()] = words.IDENTITY_OF_TERM.get(term, term)
    return {word: identity for word, identity in found.items() if word not in words.AMBIGUOUS}


PLAIN: Mapping[str, str] = _plain()
_NAMED = frozenset(PLAIN.values()) | {rule.identity for rule in words.AMBIGUOUS.values()}
_WATCHED = frozenset(words.AMBIGUOUS) | frozenset(words.EXCEPT_AFTER) | frozenset(words.EXCEPT_BEFORE)
_KNOWN = _WATCHED | frozenset(PLAIN)
_DECIDING: Mapping[str, frozenset[str]] = {  # without one of these in the text, the neighbours of the word decide nothing
    **{word: rule.before for word, rule in words.AMBIGUOUS.items() if not rule.people},
    **{
        word: words.EXCEPT_AFTER.get(word, frozenset()) | words.EXCEPT_BEFORE.get(word, frozenset())
        for word in (*words.EXCEPT_AFTER, *words.EXCEPT_BEFORE)
    },
}
_PEOPLE = words.MORE_PERSONS.union(words.PERSONS, (word for word, identity in PLAIN.items() if identity in ("male", "female")))
_QUALIFIERS = _KNOWN | {"brown"}  # what may stand in a list with a colour


def taggable(features: Iterable[str]) -> frozenset[str]:
    """Return the identities of the features that a word can name; the others, "other_disability", are never tagged."""
    return frozenset(name for feature in features for name in IDENTITIES[feature] if name in _NAMED)


def tag(text: str) -> Mapping[str, tuple[str, ...]]:
    """Return feature -> the identities that the text names, for all features."""
    return _by_feature(named(text))


def named(text: str) -> frozenset[str]:
    """Return the identities that the text names."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
    text = text.lower()
    found = set(_WORD.findall(text))
    hits = _KNOWN & found
    if not hits:
        return frozenset()
    watched = {word for word in hits & _WATCHED if word not in _DECIDING or not found.isdisjoint(_DECIDING[word])}
    identities = {PLAIN[word] for word in hits - watched if word in PLAIN}
    if watched:
        identities.update(_in_context(_TOKEN.findall(text), watched))
    return frozenset(identities)


@lru_cache(maxsize=1 << 12)
def _by_feature(identities: frozenset[str]) -> Mapping[str, tuple[str, ...]]:
    return {feature: tuple(name for name in names if name in identities) for feature, names in IDENTITIES.items()}


def _in_context(tokens: Sequence[str], watched: Collection[str]) -> Iterator[str]:
    """Yield the identities that watched words name by their neighbours."""
    padded = (_END, _END, _END, *tokens, _END, _END, _END)
    for place, word in enumerate(padded):
        if word not in watched:
            continue
        if word in words.AMBIGUOUS:
            rule = words.AMBIGUOUS[word]
            if _holds(rule, padded, place):
                yield rule.identity
            continue
        before, after = words.EXCEPT_AFTER.get(word, ()), words.EXCEPT_BEFORE.get(word, ())
        if padded[place - 1] not in before and padded[place + 1] not in after:
            yield PLAIN[word]


def _holds(rule: Ambiguous, tokens: Sequence[str], place: int) -> bool:
    """Return whether the neighbours make the ambiguous word at `place` the name of an identity."""
    last, following = tokens[place - 1], tokens[place + 1]
    if following in rule.unless:
        return False
    if rule.anywhere or following in rule.before or last in rule.after:
        return True
    if (following in _LINKS and tokens[place + 2] in rule.paired) or (last in _LINKS and tokens[place - 2] in rule.paired):
        return True
    if following in _STOPS and last in rule.articles:
        return True
    return _is_said_of(rule, tokens, place) or (rule.people and _before_people(rule, tokens, place + 1))


def _is_said_of(rule: Ambiguous, tokens: Sequence[str], place: int) -> bool:
    """Return whether the word is the predicate of a person: "they are not white"."""
    verb = place - 1 - (tokens[place - 1] in _ADVERBS)
    ends = tokens[place + 1] in _STOPS or tokens[place + 1] in _LINKS
    return ends and tokens[verb] in _BE and tokens[verb - 1] in rule.said_of


def _before_people(rule: Ambiguous, tokens: Sequence[str], at: int) -> bool:
    """Return whether a person stands at `at`, or behind modifiers, further qualifiers and a list of them."""
    while True:
        while tokens[at] in words.MODIFIERS or tokens[at] in words.AMBIGUOUS:
            at += 1
        if tokens[at] in _PEOPLE or tokens[at] in PLAIN or tokens[at] in rule.before:
            return True
        if tokens[at] not in _LINKS:
            return False
        while tokens[at] in _LINKS:
            at += 1
        if tokens[at] in _PEOPLE or tokens[at] not in _QUALIFIERS:
            return False
        at += 1
