"""Template probes."""

import pytest

from components.counterfactual.phrases import NEUTRAL, RUDE
from components.counterfactual.plan import CounterfactualPlan
from components.counterfactual.probes import Probe, fill, make_probes, neutral_probes
from components.counterfactual.terms import Group

FORMS = {"adjective": {"muslim": "Muslim", "atheist": "atheist"}, "plural": {"muslim": "Muslims", "jewish": "Jews"}}
PLAN = CounterfactualPlan(
    text_feature="text", groups={"religion": Group(forms=FORMS)}, neutral=("I am a {term} man.",), rude=("Idiot {term}!",)
)


@pytest.mark.parametrize(
    ("template", "word", "sentence"),
    [
        ("I am a {term} person.", "gay", "I am a gay person."),
        ("I am a {term} person.", "Asian", "I am an Asian person."),
        ("A {term} person", "atheist", "An atheist person"),
        ("a Diana {term}", "Asian", "a Diana Asian"),
    ],
)
def test_fill(template: str, word: str, sentence: str) -> None:
    """The article follows the word."""
    assert fill(template, word) == sentence


def test_every_template_with_every_adjective() -> None:
    """Terms that have none are not probed."""
    neutral, rude = PLAN.neutral[0], PLAN.rude[0]
    assert make_probes(PLAN) == [
        Probe("religion", "muslim", neutral, "I am a Muslim man."),
        Probe("religion", "muslim", rude, "Idiot Muslim!"),
        Probe("religion", "atheist", neutral, "I am an atheist man."),
        Probe("religion", "atheist", rude, "Idiot atheist!"),
    ]
    assert [probe.text for probe in neutral_probes(PLAN)] == ["I am a Muslim man.", "I am an atheist man."]


def test_templates_are_distinct() -> None:
    """One that occurs twice would count twice."""
    assert len({*NEUTRAL, *RUDE}) == 40
