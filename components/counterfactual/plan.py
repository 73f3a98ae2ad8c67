"""What to test, as configuration: terms, templates, how many comments. Imports no third-party package but pydantic."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from components.counterfactual import phrases
from components.counterfactual.terms import ADJECTIVE, Group
from fairgate.names import place, slice_name
from fairgate.quantities import Whole

SLOT = "{term}"


def _with_one_slot(template: str) -> str:
    if template.count(SLOT) != 1:
        raise ValueError(f"the template {template!r} must hold {SLOT} once")
    return template


Template = Annotated[str, AfterValidator(_with_one_slot)]


class CounterfactualPlan(BaseModel):
    """One counterfactual test of both models.

    Attributes:
        text_feature: of the raw examples; the models are asked with this feature alone.
        groups: name -> terms that are swapped for each other.
        comments_per_term: comments of the eval split that are swapped for each term at most; a seeded hash chooses them.
        neutral, rude: templates with an adjective in the place of `{term}`; rude ones ought to score high whatever the term.
        pleasant, unpleasant: sentences whose nearness to the neutral templates measures the bias of the text embedding.
        sentences: set -> whole sentences that differ in a word or two; both models score them as they are.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    text_feature: str
    groups: Mapping[str, Group]
    comments_per_term: Whole = Field(default=200, ge=1, le=1_000_000)
    neutral: tuple[Template, ...] = phrases.NEUTRAL
    rude: tuple[Template, ...] = phrases.RUDE
    pleasant: tuple[str, ...] = Field(default=phrases.PLEASANT, min_length=1)
    unpleasant: tuple[str, ...] = Field(default=phrases.UNPLEASANT, min_length=1)
    sentences: Mapping[str, tuple[str, ...]] = phrases.SENTENCES

    def slice_names(self) -> tuple[str, ...]:
        """Return the names by which rules select the tests, "swaps:gender:male"."""
        swapped = (slice_name("swaps", term) for term in self.swapped_terms())
        return (*swapped, *(slice_name("probes", term) for term in self.probed_terms()))

    def swapped_terms(self) -> list[str]:
        """Return the terms that comments may name, "gender:male"."""
        return [place(name, term) for name, group in self.groups.items() for term in group.terms]

    def probed_terms(self) -> list[str]:
        """Return the terms that templates are filled with: those with an adjective."""
        return [place(name, term) for name, group in self.groups.items() for term in group.forms.get(ADJECTIVE, ())]
