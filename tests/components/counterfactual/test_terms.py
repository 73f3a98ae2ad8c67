"""Tables of identity terms: what a table must not hold."""

from typing import Any

import pytest
from pydantic import ValidationError

from components.counterfactual.plan import CounterfactualPlan
from components.counterfactual.terms import Group

FORMS = {"adjective": {"male": "male", "female": "female"}, "plural": {"female": "women", "male": "men"}}


def test_terms_come_in_the_order_of_the_table() -> None:
    """Each once, whatever the inflection."""
    more = {**FORMS, "child": {"baby": "babies", "male": "boys"}}
    assert Group(forms=more).terms == ("male", "female", "baby")


@pytest.mark.parametrize(
    ("group", "reason"),
    [
        ({"forms": {"one": {"a": "old man", "b": "woman"}}}, "'old man' is no single word"),
        ({"forms": {"one": {"a": "x", "b": "woman"}}}, "'x' is no single word"),
        ({"forms": {"one": {"a": "man", "b": "Man"}}}, "'man' stands 2 times"),
        ({"forms": {"one": {"a": "man", "b": "woman"}, "two": {"a": "men", "b": "woman"}}}, "'woman' stands 2 times"),
        ({"forms": {"one": {"a": "man"}}}, "'one' has 1 terms"),
        ({"forms": {"one": {"a": "groß", "b": "klein"}}}, "'groß' is no single word"),
        ({"forms": {"one": {"a": "man", "b": "woman"}}, "before": ("Man",)}, "'Man' stands both"),
        ({"forms": {}, "follows": ()}, "follows"),
    ],
)
def test_what_a_table_must_not_hold(group: dict[str, Any], reason: str) -> None:
    """A swap of such words could not go back."""
    with pytest.raises(ValidationError, match=reason):
        Group.model_validate(group)


@pytest.mark.parametrize("template", ["I am.", "{term} and {term}"])
def test_template_holds_its_slot_once(template: str) -> None:
    """Without it there is nothing to swap."""
    with pytest.raises(ValidationError, match=r"must hold \{term\} once"):
        CounterfactualPlan(text_feature="text", groups={}, neutral=(template,))


def test_terms_of_a_plan_are_named_with_their_group() -> None:
    """Only terms with an adjective are probed."""
    forms = {"adjective": {"gay": "gay", "bisexual": "bisexual"}, "plural": {"gay": "gays", "lesbian": "lesbians"}}
    plan = CounterfactualPlan(text_feature="text", groups={"gender": Group(forms=FORMS), "orientation": Group(forms=forms)})
    assert plan.swapped_terms() == [
        "gender:male",
        "gender:female",
        "orientation:gay",
        "orientation:bisexual",
        "orientation:lesbian",
    ]
    assert plan.probed_terms() == ["gender:male", "gender:female", "orientation:gay", "orientation:bisexual"]
