"""The gate answers every situation of the corpus as it must; see docs/situations.md for all of them."""

from collections import Counter
from functools import cache

import pytest

from tests.situations import corpus, document
from tests.situations.corpus import Answer, Answered, Situation

SITUATIONS = corpus.situations()
BY_NAME = {situation.name: situation for situation in SITUATIONS}
OPEN = corpus.shared("open")


@cache
def answered(name: str) -> Answered:
    """What the gate answers; once, for two tests."""
    return corpus.judge(BY_NAME[name])


def marked(situation: Situation) -> object:
    """The situation as a case; expected to fail where the gate is known to answer wrongly."""
    reason = OPEN.get(situation.name)
    return pytest.param(situation, id=situation.name, marks=[pytest.mark.xfail(reason=reason)] if reason else [])


@pytest.mark.parametrize("situation", [marked(situation) for situation in SITUATIONS])
def test_gate_answers_as_it_must(situation: Situation) -> None:
    answer = answered(situation.name)
    assert answer.outcome in situation.outcomes, answer.text
    assert situation.says in answer.text


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


@pytest.mark.slow
def test_document_shows_what_the_gate_answers() -> None:
    """After a change of either: python -m tests.situations.document."""
    assert document.DOCUMENT.read_text(encoding="utf-8") == document.document({name: answered(name) for name in BY_NAME})


def test_document_quotes_the_shortest_sentence_that_says_it() -> None:
    situation = BY_NAME["constant-high"]
    says = f"Something. The candidate {situation.says}. More."
    assert document.sentence(situation, Answered("refused", "Refused.", (says,))) == f"The candidate {situation.says}."
    assert document.sentence(situation, Answered("refused", "Refused.", ("Nothing.",))) == "Refused."


def test_document_shows_the_exit_code_of_what_is_played() -> None:
    names: dict[str, Answer] = {
        "constant-high": "refused",
        "only-negatives": "refused",
        "remedied": "blessed",
        "unknown-metric": "error",
    }
    codes = {name: document.exit_code(BY_NAME[name], Answered(outcome, "")) for name, outcome in names.items()}
    assert codes == {"constant-high": "1", "only-negatives": "3", "remedied": "0", "unknown-metric": ""}
