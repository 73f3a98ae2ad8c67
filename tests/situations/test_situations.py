"""The gate answers every situation of the corpus as it must; see docs/situations.md for all of them."""

from collections import Counter

import pytest

from tests.situations import corpus
from tests.situations.corpus import Situation

SITUATIONS = corpus.situations()
OPEN = corpus.shared("open") or {}


def marked(situation: Situation) -> object:
    """The situation as a case; expected to fail where the gate is known to answer wrongly."""
    reason = OPEN.get(situation.name)
    return pytest.param(situation, id=situation.name, marks=[pytest.mark.xfail(reason=reason)] if reason else [])


@pytest.mark.parametrize("situation", [marked(situation) for situation in SITUATIONS])
def test_gate_answers_as_it_must(situation: Situation) -> None:
    answered = corpus.judge(situation)
    assert answered.outcome in situation.outcomes, answered.text
    assert situation.says in answered.text


def test_corpus_holds_what_it_promises() -> None:
    """At least 60 situations that must never be blessed, and 30 that must be."""
    assert sum("blessed" not in situation.outcomes for situation in SITUATIONS) >= 60
    assert sum(situation.sound for situation in SITUATIONS) >= 30


def test_every_situation_has_a_name_of_its_own() -> None:
    assert [name for name, times in Counter(situation.name for situation in SITUATIONS).items() if times > 1] == []


def test_every_shared_table_and_policy_is_used() -> None:
    tables = {situation.table for situation in SITUATIONS if isinstance(situation.table, str)}
    policies = {situation.policy for situation in SITUATIONS if isinstance(situation.policy, str)}
    assert (tables, policies) == (set(corpus.shared("tables")), set(corpus.shared("policies")))


def test_open_situations_are_situations() -> None:
    assert OPEN.keys() <= {situation.name for situation in SITUATIONS}
