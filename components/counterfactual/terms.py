"""Identity terms as data: which words may stand in each other's place.

A task supplies the tables (`components/tasks/civil_comments/identity_terms.py`), a configuration may replace any of them.
Imports no third-party package but pydantic.
"""

from collections import Counter
from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict, model_validator

ADJECTIVE = "adjective"  # the inflection that probes use: "I am a … person."


class Group(BaseModel):
    """Terms of which any may stand where another stands.

    Attributes:
        forms: inflection -> term -> its word, as {"plural": {"male": "men", "female": "women"}}. Words of one inflection fit the
            same sentences; a term may lack an inflection. A word is written as inside a sentence: "Christian", "atheist".
        before: words of which one must follow a mention, for terms whose words mean something else elsewhere (black, blind);
            empty when every occurrence is a mention.
        after: phrases such as "I am", directly after one of which a word is a mention too where the sentence, or a part of it
            behind punctuation, ends with it: "I am straight." and not "I am straight out of luck." Only beside `before`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    forms: Mapping[str, Mapping[str, str]]
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()

    @property
    def terms(self) -> tuple[str, ...]:
        """Return all terms, in the order in which they first occur."""
        return tuple(dict.fromkeys(term for words in self.forms.values() for term in words))

    @model_validator(mode="after")
    def _sound(self) -> "Group":
        words = [word.lower() for of_one in self.forms.values() for word in of_one.values()]
        for word in words:
            if not (len(word) > 1 and word.replace("-", "").isalpha() and word.upper().lower() == word):
                raise ValueError(f"{word!r} is no single word of two letters or more")
        for word, times in Counter(words).items():
            if times > 1:
                raise ValueError(f"{word!r} stands {times} times in the forms; a word belongs to one term and inflection")
        for word in self.before:
            if word.lower() in words:
                raise ValueError(f"{word!r} stands both in before and in the forms")
        if self.after and not self.before:
            raise ValueError("after is given without before; without both, every occurrence is a mention")
        for inflection, of_one in self.forms.items():
            if len(of_one) < 2:
                raise ValueError(f"{inflection!r} has {len(of_one)} terms; nothing can be swapped below two")
        return self
