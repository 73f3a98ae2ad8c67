"""Swapping identity terms in texts.

In: texts and groups of terms. Out: for each term the same texts with another term of its group in its place. Pure Python.

A swap exchanges two terms: "a man and his women" becomes "a woman and his men", so that swapping twice gives the text back. All
inflections of a term that the other one has too are exchanged together; a mention keeps its case, and "a" or "an" before it
follows. Words that agree with a term from afar (he, her) stay as they are.
"""

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product

from components.counterfactual.terms import Group
from fairgate.names import place

_STYLES: tuple[Callable[[str], str], ...] = (str.lower, str.capitalize, str.upper)
_WORD = re.compile(r"\w+")
_VOWELS = frozenset("aeiou")
_ENDS = re.compile(r"\s*(?:[.,;:!?)\"”]|$)")


@dataclass(frozen=True)
class Swap:
    """A text that names a term, and the same with another term in its place."""

    group: str
    term: str
    other: str
    original: str
    swapped: str


@dataclass(frozen=True)
class Selection:
    """The swaps to be scored.

    Attributes:
        swaps: by group, term, text and other term.
        mentioned: "gender:male" -> distinct texts that name the term.
        left_out: the same -> how many of them were left out beyond the limit.
    """

    swaps: tuple[Swap, ...]
    mentioned: Mapping[str, int]
    left_out: Mapping[str, int]


@dataclass(frozen=True)
class _Mention:
    """What an occurrence of a word stands for, and how its case is made."""

    term: str
    inflection: str
    style: Callable[[str], str]


class Swapper:
    """Finds and exchanges the terms of one group."""

    def __init__(self, group: Group) -> None:
        """Compiles the group's words: lower-case, capitalised and in capitals; other mixtures of case are no mentions."""
        self._group = group
        self._heads = frozenset(word.lower().partition("-")[0] for words in group.forms.values() for word in words.values())
        self._mentions = {
            style(word): _Mention(term, inflection, style)
            for inflection, words in group.forms.items()
            for term, word in words.items()
            for style in _STYLES
        }
        longest_first = sorted(map(re.escape, self._mentions), key=len, reverse=True)
        self._pattern = re.compile(rf"(?:(?<!\w)([Aa][Nn]?)(\s+))?(?<!\w)({'|'.join(longest_first)})(?!\w)")
        self._before = _any_of(group.before, r"\s+{}\b")
        self._after = _any_of(group.after, r"\b{}\s+$")

    def terms(self, text: str) -> tuple[str, ...]:
        """Return the terms that the text names and that can be swapped, in the order of the group."""
        named = self._named(text)
        return tuple(term for term in self._group.terms if term in named) if named else ()

    def may_name(self, words: frozenset[str]) -> bool:
        """Return whether a text of these lower-case words can name a term; cheaper than the search."""
        return not self._heads.isdisjoint(words)

    def exchange(self, text: str, term: str, other: str) -> str:
        """Exchange every mention of the two terms; return the text unchanged where no mention can be exchanged."""
        replacement = {term: other, other: term}

        def exchanged(found: re.Match[str]) -> str:
            article, space, word = found.groups()
            if not self._is_mention(found):
                return found[0]
            mention = self._mentions[word]
            new = self._group.forms[mention.inflection].get(replacement.get(mention.term, ""))
            if new is None:
                return found[0]
            toggled = article and _takes_an(word) != _takes_an(new)
            before = f"{_toggled(article, word) if toggled else article}{space}" if article else ""
            return before + mention.style(new)

        return self._pattern.sub(exchanged, text)

    def swaps(self, text: str) -> Iterator[tuple[str, str, str]]:
        """Return (term, other, exchanged text) for each term that the text names and each that can stand there instead."""
        named = self._named(text)
        for term, other in product(self._group.terms, repeat=2):
            if term != other and any(other in self._group.forms[inflection] for inflection in named.get(term, ())):
                yield term, other, self.exchange(text, term, other)

    def remove(self, text: str, term: str) -> str:
        """Return the text without the mentions of a term; "a" or "an" before one follows the next word."""

        def removed(found: re.Match[str]) -> str:
            article, space, word = found.groups()
            if not self._is_mention(found) or self._mentions[word].term != term:
                return found[0]
            following = _WORD.search(text, found.end())
            if not article or following is None:
                return found[0].removesuffix(word)
            toggled = _takes_an(word) != _takes_an(following[0])
            return f"{_toggled(article, following[0]) if toggled else article}{space}"

        return re.sub(r"(?<=\s)[^\S\n]+|^\s+|\s+(?=[,.;:!?]|$)", "", self._pattern.sub(removed, text))

    def _is_mention(self, found: re.Match[str]) -> bool:
        """Return whether the words around an occurrence make it a mention."""
        if self._before is None or self._before.match(found.string, found.end()):
            return True
        return bool(self._after and self._after.search(found.string[: found.start()]) and _ENDS.match(found.string, found.end()))

    def _named(self, text: str) -> dict[str, set[str]]:
        """Map each term to the inflections in which the text names it."""
        named: dict[str, set[str]] = {}
        for found in filter(self._is_mention, self._pattern.finditer(text)):
            mention = self._mentions[found[3]]
            named.setdefault(mention.term, set()).add(mention.inflection)
        return named


def select(texts: Iterable[str], groups: Mapping[str, Group], limit: int, seed: int) -> Selection:
    """Choose the texts of each term and swap them.

    The same texts give the same selection in any order: a hash of seed and text decides which ones stay.

    Args:
        texts: the same one twice counts once.
        groups: name -> terms.
        limit: texts per term at most.
        seed: of the choice.
    """
    swappers = {name: Swapper(group) for name, group in groups.items()}
    found: dict[tuple[str, str], set[str]] = {(name, term): set() for name, group in groups.items() for term in group.terms}
    for text in texts:
        words = frozenset(_WORD.findall(text.lower()))
        for name, swapper in swappers.items():
            for term in swapper.terms(text) if swapper.may_name(words) else ():
                found[name, term].add(text)
    chosen = {key: sorted(sorted(named, key=lambda text: (_rank(seed, text), text))[:limit]) for key, named in found.items()}
    swaps = tuple(
        Swap(name, term, other, text, swapped)
        for (name, term), named in chosen.items()
        for text in named
        for own, other, swapped in swappers[name].swaps(text)
        if own == term
    )
    mentioned = {place(*key): len(named) for key, named in found.items()}
    return Selection(swaps, mentioned, {place(*key): len(found[key]) - len(named) for key, named in chosen.items()})


def _any_of(phrases: tuple[str, ...], pattern: str) -> re.Pattern[str] | None:
    """Compile a pattern around a choice of phrases, in any case; None without phrases."""
    if not phrases:
        return None
    return re.compile(pattern.format(f"(?:{'|'.join(map(re.escape, phrases))})"), re.IGNORECASE)


def _takes_an(word: str) -> bool:
    return word[0].lower() in _VOWELS


def _toggled(article: str, word: str) -> str:
    """Return the other article in the same case; "An" and "AN" differ, so the case of the next word decides what "A" becomes."""
    longer = "AN" if word.isupper() else "An"
    return {"a": "an", "an": "a", "A": longer, longer: "A"}.get(article, article)


def _rank(seed: int, text: str) -> bytes:
    return hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=8, salt=seed.to_bytes(8, "big")).digest()
