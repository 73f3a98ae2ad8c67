"""Identities by words: what names a group, what only looks like it, and the limits that are known."""

import pytest

from components.counterfactual import terms
from components.tasks.civil_comments.identity_terms import GROUPS
from data.comments import identity_words
from data.comments.names import IDENTITIES
from data.comments.tagging import PLAIN, named, tag, taggable

NOBODY: tuple[str, ...] = ()
GAY = "homosexual_gay_or_lesbian"
OTHER_RACE = "other_race_or_ethnicity"
PHYSICAL, LEARNING, MENTAL = "physical_disability", "intellectual_or_learning_disability", "psychiatric_or_mental_illness"

SENTENCES: dict[str, tuple[str, ...]] = {
    # Letters bound words, in any case and script.
    "WOMEN'S rights": ("female",),
    "the women\u2019s march": ("female",),
    "a human in Manchester": NOBODY,
    "ma\u00f1ana, man\u0303ana": NOBODY,
    "\uff4d\uff45\uff4e in wide letters": ("male",),
    "man2man, wo_man": ("male",),
    "": NOBODY,
    # Forms without a counterpart.
    "the blacks and the jews": ("black", "jewish"),
    "Hindus, Muslims and Sikhs": ("hindu", "muslim", "other_religion"),
    "gays and lesbians": (GAY,),
    "transgender girls": ("female", "transgender"),
    "transsexuals": ("transgender",),
    "same-sex marriage": (GAY,),
    "Mexicans and other latinos": ("latino",),
    "a dyslexic, autistic and bipolar boy": ("male", LEARNING, MENTAL),
    "the mentally ill": (MENTAL,),
    "a non-binary asexual": ("other_gender", "other_sexual_orientation"),
    # A colour before persons, across modifiers, lists and other qualifiers.
    "black men": ("male", "black"),
    "Black\nmen": ("male", "black"),
    "white working class voters": ("white",),
    "black, white and Asian people": ("black", "white", "asian"),
    "black trans women": ("female", "transgender", "black"),
    "black-on-black crime": ("black",),
    "white Christians": ("christian", "white"),
    "white supremacists": ("white",),
    "black or Hispanic": ("black", "latino"),
    # A colour as noun and as predicate.
    "a black who voted": ("black",),
    "he hired a white.": ("white",),
    "they're not white": ("white",),
    "He's black, so what": ("black",),
    # A colour.
    "a black car": NOBODY,
    "a black and white photo": NOBODY,
    "The White House, black market, white lies": NOBODY,
    "the car is black": NOBODY,
    "she wore black and women stared": ("female",),
    "egg whites": NOBODY,
    # Africans and other origins.
    "African-American and Afro-American": ("black",),
    "an African in Boston": ("black",),
    "African immigrants": ("black",),
    "African elephants": NOBODY,
    "African countries": NOBODY,
    "white South Africans": NOBODY,
    "Mexican food": NOBODY,
    "Mexican immigrants": ("latino",),
    "Chinese goods": NOBODY,
    "Chinese students": ("asian",),
    "Native Americans and First Nations": (OTHER_RACE,),
    "native plants at first": NOBODY,
    # Sexual orientation and gender.
    "straight people": ("heterosexual",),
    "gay or straight": ("heterosexual", GAY),
    "straight ahead, get it straight": NOBODY,
    "trans people": ("transgender",),
    "she is trans": ("transgender",),
    "the Trans Mountain pipeline, trans fats, trans-Pacific": NOBODY,
    "you guys": NOBODY,
    "those guys": ("male",),
    "man-made": NOBODY,
    "Oh man!": NOBODY,
    "he told her": NOBODY,
    # Disability.
    "the blind": (PHYSICAL,),
    "born deaf": (PHYSICAL,),
    "blind and deaf students": (PHYSICAL,),
    "a blind eye, deaf ears, love is blind": NOBODY,
    "comments are disabled": NOBODY,
    "we are disabled": (PHYSICAL,),
    "disabled veterans": (PHYSICAL,),
    "a bipolar world": NOBODY,
    "mental gymnastics, down the road": NOBODY,
    "Down syndrome": (LEARNING,),
    # Known limits: a name, a negation, a nation that is a faith's name.
    "Christian Bale": ("christian",),
    "no man's land": ("male",),
    "the Islamic State": ("muslim",),
}


@pytest.mark.parametrize(("text", "identities"), SENTENCES.items(), ids=[text[:40] or "empty" for text in SENTENCES])
def test_identities_of_a_sentence(text: str, identities: tuple[str, ...]) -> None:
    assert named(text) == frozenset(identities)


def test_tags_stand_under_their_features_in_the_order_of_identities() -> None:
    assert tag("White women, black men, and a Jew") == {
        "gender": ("male", "female"),
        "sexual_orientation": (),
        "religion": ("jewish",),
        "race": ("black", "white"),
        "disability": (),
    }


def test_every_tag_is_an_identity_and_one_identity_has_no_word() -> None:
    known = {name for names in IDENTITIES.values() for name in names}
    assert known - taggable(IDENTITIES) == {"other_disability"}
    assert {*PLAIN.values(), *(rule.identity for rule in identity_words.AMBIGUOUS.values())} <= known
    assert taggable(["gender"]) == {"male", "female", "transgender", "other_gender"}


def test_no_word_names_two_identities() -> None:
    """Each form stands once in the tables; a swapped word with a rule of neighbours keeps its identity."""
    further = [form for forms in identity_words.FURTHER.values() for form in forms.split()]
    swapped = {
        word.lower(): identity_words.IDENTITY_OF_TERM.get(term, term)
        for forms in identity_words.SWAPPED.values()
        for of_one in forms.values()
        for term, word in of_one.items()
    }
    assert len(set(further)) == len(further)
    assert not set(further) & (swapped.keys() | identity_words.AMBIGUOUS.keys())
    for word, rule in identity_words.AMBIGUOUS.items():
        assert swapped.get(word, rule.identity) == rule.identity


def test_swapped_terms_are_the_counterfactual_test_s() -> None:
    assert identity_words.ADJECTIVE == terms.ADJECTIVE
    swapped = {feature: group for feature, group in GROUPS.items() if feature in identity_words.SWAPPED}
    assert {feature: group.forms for feature, group in swapped.items()} == identity_words.SWAPPED
    assert [feature for feature, group in swapped.items() if group.before] == ["race", "disability"]
    assert GROUPS.keys() - swapped.keys() == {"straight_or_gay", "first_name"}  # which say nothing certain of a person
