"""Situations through the whole graph, by the command: make situations plays all of them, make test three."""

from collections.abc import Iterator
from contextlib import nullcontext
from functools import cache
from typing import Protocol

import pytest

from fairgate.cli.exit_codes import INPUT_ERROR, OUTCOMES
from fairgate.gate.outcome import CHECK, RuleLine
from fairgate.gate.verdict import Verdict
from tests.serving import served_here
from tests.situations import corpus, graph
from tests.situations.graph import Played

BY_NAME = {situation.name: situation for situation in corpus.situations()}
CHECKS = ("artifacts", "export", "serving")  # that the graph makes beside the gate's own
NOT_SERVED = {"percent", "logits", "missing-scores"}  # whose scores the check "serving" refuses too


class Player(Protocol):
    """Plays a situation once, however many tests ask."""

    def __call__(self, name: str) -> Played:
        """Return what the run left behind."""


def marked(names: tuple[str, ...]) -> list[object]:
    """The situations as cases; those that every run of the tests plays are slow, the others wait for `-m situations`."""
    quick, on_demand = pytest.mark.slow, pytest.mark.situations
    return [pytest.param(name, marks=quick if name in graph.QUICK else on_demand) for name in names]


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Player]:
    """One root for all: situations of one table share what the graph makes of their examples."""
    root = tmp_path_factory.mktemp("graph") / "root"

    @cache
    def play(name: str) -> Played:
        with served_here() if name in graph.QUICK else nullcontext():
            return graph.play(BY_NAME[name], root)

    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(graph.SITE)
        yield play


def verdict_of(run: Played) -> Verdict:
    """The verdict, which there must be."""
    assert run.verdict is not None, run.message
    return run.verdict


def key(line: RuleLine) -> tuple[object, ...]:
    """What tells a line from the others."""
    return line.id, line.slice, line.threshold, line.measure


@pytest.mark.parametrize("name", marked(graph.JUDGED))
def test_run_answers_what_the_gate_answers(played: Player, name: str) -> None:
    verdict, decision = verdict_of(played(name)), graph.decided(BY_NAME[name])
    assert verdict.outcome == decision.outcome, verdict.summary
    assert verdict.outcome in BY_NAME[name].outcomes
    assert BY_NAME[name].says in played(name).text


@pytest.mark.parametrize("name", marked(graph.JUDGED))
def test_numbers_reach_the_gate_unchanged(played: Player, name: str) -> None:
    """Every line of the decision stands in the verdict, with the same value, interval and number of examples."""
    lines, decision = verdict_of(played(name)).rules, graph.decided(BY_NAME[name])
    of_run = {key(line): line for line in lines if line.id not in CHECKS}
    assert len(of_run) == len(decision.rules)
    for line in decision.rules:
        same = of_run[key(line)]
        assert (same.outcome, same.proven) == (line.outcome, line.proven), f"{same.reason}\n{line.reason}"
        assert (same.value, same.n) == pytest.approx((line.value, line.n), abs=1e-9)
        assert same.interval == pytest.approx(line.interval, abs=1e-9)


@pytest.mark.parametrize("name", marked(graph.JUDGED))
def test_models_are_those_that_were_trained_and_evaluated(played: Player, name: str) -> None:
    """And the candidate serves them, unless its scores are none."""
    failed = {line.id for line in verdict_of(played(name)).rules if line.id in CHECKS and line.outcome != "passed"}
    assert failed == ({"serving"} if name in NOT_SERVED else set())


@pytest.mark.parametrize("name", marked(graph.JUDGED))
def test_exit_code_and_publication_follow_the_outcome(played: Player, name: str) -> None:
    run = played(name)
    outcome = verdict_of(run).outcome
    assert (run.code, len(run.published)) == (OUTCOMES[outcome], outcome == "blessed"), run.message


@pytest.mark.situations
@pytest.mark.parametrize("name", graph.STOPPED)
def test_run_stops_where_there_is_nothing_to_judge(played: Player, name: str) -> None:
    run = played(name)
    assert (run.code, run.verdict, run.published) == (INPUT_ERROR, None, ())
    assert graph.STOPPED[name] in run.message


def test_enough_situations_are_played() -> None:
    """At least ten that must never be blessed and four that must be, from every family whose tables can be played."""
    played = [BY_NAME[name] for name in graph.JUDGED]
    assert len(set(graph.JUDGED)) == len(played)
    assert sum("blessed" not in situation.outcomes for situation in played) >= 10
    assert sum(situation.sound for situation in played) >= 4
    left = {family for family, of_family in corpus.families().items() if not {each.name for each in of_family} & {*graph.JUDGED}}
    assert left == {"measurement"}


def test_lines_of_checks_are_checks() -> None:
    """So that the comparison leaves out no rule."""
    rules = {rule.id for name in graph.JUDGED for rule in corpus.policy_of(BY_NAME[name]).rules}
    assert not rules & {*CHECKS, CHECK}
