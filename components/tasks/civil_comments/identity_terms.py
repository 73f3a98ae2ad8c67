"""The identity terms that the counterfactual test swaps, named like the identities of the annotations.

The words are those of `data.comments.identity_words`, which also tag comments that nobody annotated. The terms of one
inflection fit the same sentences. Pronouns are omitted: "her" may be "his" or "him", and a swap must be reversible.
"""

from components.counterfactual.terms import Group
from data.comments.identity_words import PERSONS, SWAPPED

_COLOURS = ("race", "disability")  # features whose words mean something else where no person follows

GROUPS = {feature: Group(forms=forms, before=PERSONS if feature in _COLOURS else ()) for feature, forms in SWAPPED.items()}
