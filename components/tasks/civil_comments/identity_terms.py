"""The identity terms that the counterfactual test swaps, named like the identities of the annotations.

The words are those of `data.comments.identity_words`, which also tag comments that nobody annotated. The terms of one
inflection fit the same sentences. Pronouns are omitted: "her" may be "his" or "him", and a swap must be reversible.

Two groups beside them tag nothing: `straight`, which is a direction as often as an orientation and therefore counts only before a
person and in "I am straight."; and first names, by the gender and origin that readers take them for.
"""

from collections.abc import Mapping

from components.counterfactual.terms import ADJECTIVE, Group
from data.comments.identity_words import PERSONS, SWAPPED

_COLOURS = ("race", "disability")  # features whose words mean something else where no person follows
_PREDICATES = tuple(
    f"{subject} {verb}"
    for verb, subjects in (("am", "I"), ("is", "he she who"), ("are", "you we they who"), ("was", "I he she who"))
    for subject in subjects.split()
)
_CONTRACTED = ("I'm", "he's", "she's", "we're", "they're", "you're", "openly")

# Of the names in Bertrand, Mullainathan 2004, "Are Emily and Greg More Employable than Lakisha and Jamal?", American Economic
# Review 94(4), table A1: those that are no country, thing or animal as well (without Kenya, Ebony, Jay), as many of each.
FIRST_NAMES: Mapping[str, str] = {
    "white_female": "Emily Anne Jill Allison Laurie Sarah Meredith",
    "black_female": "Lakisha Aisha Keisha Latonya Latoya Tamika Tanisha",
    "white_male": "Greg Todd Neil Geoffrey Brett Brendan Matthew",
    "black_male": "Jamal Rasheed Tremayne Kareem Darnell Tyrone Hakim",
}
_NAMES = {term: listed.split() for term, listed in FIRST_NAMES.items()}

GROUPS = {
    **{feature: Group(forms=forms, before=PERSONS if feature in _COLOURS else ()) for feature, forms in SWAPPED.items()},
    "straight_or_gay": Group(
        forms={ADJECTIVE: {"straight": "straight", "gay": "gay"}}, before=PERSONS, after=(*_PREDICATES, *_CONTRACTED)
    ),
    "first_name": Group(
        forms={f"name {number + 1}": {term: names[number] for term, names in _NAMES.items()} for number in range(7)}
    ),
}
