"""Template probes: the same sentence about each term of a group.

In: a plan. Out: sentences. They show what a score owes to a term alone, also for terms that no comment of the eval split names
(after Dixon et al. 2018, "Measuring and Mitigating Unintended Bias in Text Classification"; the templates are our own).
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from components.counterfactual.plan import SLOT, CounterfactualPlan
from components.counterfactual.terms import ADJECTIVE

_ARTICLE = re.compile(rf"\b([Aa]) {re.escape(SLOT)}")


@dataclass(frozen=True)
class Probe:
    """A template filled with a term; probes of one group and template differ in the term alone."""

    group: str
    term: str
    template: str
    text: str


def make_probes(plan: CounterfactualPlan) -> list[Probe]:
    """Fill every template with the adjective of every term that has one."""
    return list(_filled(plan, (*plan.neutral, *plan.rude)))


def neutral_probes(plan: CounterfactualPlan) -> list[Probe]:
    """Fill the neutral templates alone, for the text embedding."""
    return list(_filled(plan, plan.neutral))


def fill(template: str, word: str) -> str:
    """Put a word in the place of the template's slot; an article "a" before it becomes "an" where the word requires it."""
    if word[0].lower() in "aeiou":
        template = _ARTICLE.sub(rf"\1n {SLOT}", template)
    return template.replace(SLOT, word)


def _filled(plan: CounterfactualPlan, templates: Sequence[str]) -> Iterator[Probe]:
    for name, group in plan.groups.items():
        for term, word in group.forms.get(ADJECTIVE, {}).items():
            for template in templates:
                yield Probe(name, term, template, fill(template, word))
