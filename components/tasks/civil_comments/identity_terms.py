"""The identity terms that the counterfactual test swaps, named like the identities of the annotations.

Rows list the inflections of a group: the terms of one row fit the same sentences. Pronouns are omitted: "her" may be "his" or
"him", and a swap must be reversible.
"""

from components.counterfactual.terms import ADJECTIVE, Group

PERSONS = (
    *("person", "persons", "people", "man", "men", "woman", "women", "boy", "boys", "girl", "girls", "guy", "guys"),
    *("lady", "ladies", "child", "children", "kid", "kids", "baby", "family", "families", "couple", "couples", "parents"),
    *("friend", "friends", "neighbour", "neighbours", "neighbor", "neighbors", "boss", "colleague", "colleagues"),
    *("student", "students", "teacher", "teachers", "voter", "voters", "worker", "workers", "citizen", "citizens"),
    *("community", "communities", "male", "males", "female", "females", "veteran", "veterans", "americans", "folks"),
)
"""What follows a colour or "blind" that is said of people."""

GENDER = Group(
    forms={
        ADJECTIVE: {"male": "male", "female": "female", "transgender": "transgender", "nonbinary": "nonbinary"},
        "males": {"male": "males", "female": "females"},
        "man": {"male": "man", "female": "woman"},
        "men": {"male": "men", "female": "women"},
        "boy": {"male": "boy", "female": "girl"},
        "boys": {"male": "boys", "female": "girls"},
        "guy": {"male": "guy", "female": "gal"},
        "gentleman": {"male": "gentleman", "female": "lady"},
        "gentlemen": {"male": "gentlemen", "female": "ladies"},
        "father": {"male": "father", "female": "mother"},
        "fathers": {"male": "fathers", "female": "mothers"},
        "dad": {"male": "dad", "female": "mom"},
        "brother": {"male": "brother", "female": "sister"},
        "brothers": {"male": "brothers", "female": "sisters"},
        "son": {"male": "son", "female": "daughter"},
        "sons": {"male": "sons", "female": "daughters"},
        "husband": {"male": "husband", "female": "wife"},
        "husbands": {"male": "husbands", "female": "wives"},
        "uncle": {"male": "uncle", "female": "aunt"},
        "grandfather": {"male": "grandfather", "female": "grandmother"},
    }
)
SEXUAL_ORIENTATION = Group(
    forms={
        ADJECTIVE: {"heterosexual": "heterosexual", "gay": "gay", "lesbian": "lesbian", "bisexual": "bisexual"},
        "persons": {"heterosexual": "heterosexuals", "gay": "gays", "lesbian": "lesbians", "bisexual": "bisexuals"},
    }
)
RELIGION = Group(
    forms={
        ADJECTIVE: {
            "christian": "Christian",
            "jewish": "Jewish",
            "muslim": "Muslim",
            "hindu": "Hindu",
            "buddhist": "Buddhist",
            "atheist": "atheist",
        },
        "persons": {
            "christian": "Christians",
            "jewish": "Jews",
            "muslim": "Muslims",
            "hindu": "Hindus",
            "buddhist": "Buddhists",
            "atheist": "atheists",
        },
        "faith": {
            "christian": "Christianity",
            "jewish": "Judaism",
            "muslim": "Islam",
            "hindu": "Hinduism",
            "buddhist": "Buddhism",
        },
        "clergy": {"christian": "priest", "jewish": "rabbi", "muslim": "imam"},
        "building": {"christian": "churches", "jewish": "synagogues", "muslim": "mosques"},
    }
)
RACE = Group(forms={ADJECTIVE: {"black": "black", "white": "white", "asian": "Asian", "latino": "Latino"}}, before=PERSONS)
DISABILITY = Group(
    forms={ADJECTIVE: {"disabled": "disabled", "blind": "blind", "deaf": "deaf", "dyslexic": "dyslexic", "bipolar": "bipolar"}},
    before=PERSONS,
)

GROUPS = {
    "gender": GENDER,
    "sexual_orientation": SEXUAL_ORIENTATION,
    "religion": RELIGION,
    "race": RACE,
    "disability": DISABILITY,
}
