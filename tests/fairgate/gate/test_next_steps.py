"""What to do after a verdict."""

import shlex
from typing import Any

import pytest

from fairgate.cli import main as cli
from fairgate.gate.needed import Needed
from fairgate.gate.next_steps import CHANGES_SECTION, NOT_JUDGED_SECTION, VERDICT_SECTION, NextStep, next_steps
from fairgate.gate.outcome import CHECK, NotJudged, RuleLine
from fairgate.gate.verdict import DataInfo, ModelInfo, Provenance, Verdict
from fairgate.report.section import SECTIONS
from fairgate.report.sections import verdict as _registers  # noqa: F401

VERIFY = NextStep("Check that no file of the run has changed, before you pass it on.", ("fairgate verify 'my runs'",))


def line(name: str, where: str, outcome: str, **more: Any) -> RuleLine:
    """A judged rule."""
    known = {"id": name, "kind": "gap", "slice": where, "metric": "auc", "measure": "value", "reason": "", "outcome": outcome}
    return RuleLine.model_validate({**known, **more})


def needed(where: str, examples: int | None, power: float | None = 0.8) -> Needed:
    """More negatives, of which there are 1,200."""
    return Needed(slice=where, label="negative", examples=examples, have=1200, power=power, sentence="")


def steps(outcome: str, *rules: RuleLine, not_judged: tuple[NotJudged, ...] = (), table: bool = False) -> list[NextStep]:
    """What to do after a verdict with these lines."""
    verdict = Verdict.model_validate(
        {
            "task": "digits",
            "outcome": outcome,
            "summary": "",
            "models": {"candidate": ModelInfo()} if table else {},
            "overall": {},
            "rules": rules,
            "slices": (),
            "omitted": {},
            "invalid_scores": {},
            "confidence": 0.95,
            "data": DataInfo(source="", rows={"eval": 9} if table else {}),
            "provenance": Provenance(),
            "not_judged": not_judged,
        }
    )
    return next_steps(verdict, "my runs", "R")


@pytest.mark.parametrize("outcome", ["blessed", "reported"])
def test_nothing_is_to_be_done_where_nothing_is_refused_or_open(outcome: str) -> None:
    assert steps(outcome, line("gap", "overall", "passed")) == []


def test_failed_rules_need_another_candidate() -> None:
    rules = (line("gap", "gender:male", "failed"), line("gap", "gender:female", "failed"), line("auc", "overall", "failed"))
    assert steps("refused", *rules) == [
        NextStep(
            "Change the candidate: it breaks gap (gender:male and gender:female) and auc (overall), "
            "and more data does not remedy that.",
            ("fairgate policy explain gap", "R/report.html#changes"),
        ),
        VERIFY,
    ]


def test_waived_failures_need_nothing() -> None:
    assert steps("inconclusive", line("gap", "gender:male", "waived")) == [VERIFY]


def test_failed_checks_cannot_be_allowed() -> None:
    found = steps("refused", line("serving", "", "failed", kind=CHECK, metric="", measure=""))
    assert found == [
        NextStep("Repair what serving found: checks hold under every policy, and no option allows them."),
        VERIFY,
    ]


def test_open_rules_say_how_many_examples_decide_them_the_fewest_first() -> None:
    rules = [line("gap", f"race:{name}", "unproven", needed=needed(f"race:{name}", n)) for name, n in (("b", 5123), ("a", 40))]
    assert steps("inconclusive", *rules)[0] == NextStep(
        "Collect examples: 40 more negatives of race:a for gap (there are 1,200); "
        "5,130 more negatives of race:b for gap (there are 1,200).",
        ("fairgate plan 'my runs'",),
    )


@pytest.mark.parametrize(("available", "said"), [(None, ""), (40, ""), (39, "; the rest of the data holds only 39")])
def test_fewer_examples_in_the_data_than_are_to_be_collected_are_said(available: int | None, said: str) -> None:
    asked = needed("race:a", 40).model_copy(update={"available": available})
    (first, *_) = steps("inconclusive", line("gap", "race:a", "unproven", needed=asked))
    assert first.text == f"Collect examples: 40 more negatives of race:a for gap (there are 1,200{said})."


def test_a_failure_for_want_of_a_proof_asks_for_examples() -> None:
    (first, _) = steps("refused", line("gap", "race:a", "failed", needed=needed("race:a", 40)))
    assert first.text == "Collect examples: 40 more negatives of race:a for gap (there are 1,200)."


def test_too_few_examples_name_what_is_missing_before_the_key_that_decides() -> None:
    (first, _) = steps("inconclusive", line("gap", "race:a", "not enough data", needed=needed("race:a", 38, None)))
    assert first.text == (
        "Collect examples: at least 38 more negatives of race:a for gap (there are 1,200). The policy's `min_examples` says how "
        "few may be judged (--set policy.min_examples=NUMBER); fewer only widen the intervals."
    )


def test_many_needs_are_cut_and_counted() -> None:
    rules = [line("gap", f"race:{n}", "unproven", needed=needed(f"race:{n}", n)) for n in range(1, 6)]
    assert steps("inconclusive", *rules)[0].text.endswith("3 more negatives of race:3 for gap (there are 1,200) (and 2 more).")


def test_what_no_examples_decide_leads_to_the_reasons() -> None:
    rules = (line("gap", "race:a", "unproven", needed=needed("race:a", None)), line("recall", "", "unproven"))
    text = "Read why gap (race:a) and recall could not be decided: more examples alone do not decide it."
    assert steps("inconclusive", *rules) == [NextStep(text, ("R/report.html#verdict",)), VERIFY]


@pytest.mark.parametrize("outcome", ["failed", "unproven"])
def test_harm_outside_of_the_rules_leads_to_a_policy_that_judges_it(outcome: str) -> None:
    harm = line("uncovered-harm", "race:a", outcome, kind=CHECK, metric="", measure="", proven=True)
    assert steps("inconclusive", harm)[0] == NextStep(
        "No rule judges race:a, where a limit is proven to be broken: add the slice to a rule's `slices`.",
        ("fairgate policy show 'my runs' > policy.yaml", "fairgate run digits --policy policy.yaml"),
    )


def test_what_stands_out_unjudged_is_pointed_at() -> None:
    noted = NotJudged(
        rule="gap", slice="race:a", metric="auc", measure="value", because="favoured", proven=False, reason="A sentence."
    )
    found = steps("refused", line("gap", "overall", "failed"), not_judged=(noted,))
    assert found[-2] == NextStep("See what no rule judges and stands out.", ("R/report.html#not_judged",))


def test_what_the_policy_lets_pass_needs_nothing() -> None:
    """Also where its value breaks the limit, without a proof."""
    broken = line("gap", "race:a", "passed", kept=False, needed=needed("race:a", 40))
    assert steps("refused", broken) == [VERIFY]


def test_commands_are_those_of_fairgate(capsys: pytest.CaptureFixture[str]) -> None:
    rules = (
        line("gap", "race:a", "failed"),
        line("gap", "race:b", "unproven", needed=needed("race:b", 40)),
        line("uncovered-harm", "race:c", "unproven", kind=CHECK, metric="", measure="", proven=True),
    )
    typed = [shlex.split(command) for step in steps("refused", *rules) for command in step.commands]
    ours = [words[1:] for words in typed if words[0] == "fairgate"]
    assert [" ".join(words[:2]) for words in ours] == [
        "policy explain",
        "policy show",
        "run digits",
        "plan my runs",
        "verify my runs",
    ]
    assert [cli.main((*words[: words.index(">") if ">" in words else None], "--help")) for words in ours] == [0] * 5
    assert "Error" not in capsys.readouterr().err


def test_places_in_the_report_are_sections_of_it() -> None:
    assert {VERDICT_SECTION, NOT_JUDGED_SECTION, CHANGES_SECTION} <= {section.name for section in SECTIONS}


def test_steps_of_a_table_name_no_command_of_a_run() -> None:
    few = line("gap", "race:a", "not enough data", needed=needed("race:a", 38, None))
    (open_step, _) = steps("inconclusive", few, table=True)
    assert open_step.text.endswith(" The policy's `min_examples` says how few may be judged; fewer only widen the intervals.")
    (uncovered, _) = steps("refused", line("uncovered-harm", "race:b", "failed", kind="check"), table=True)
    assert uncovered.commands[1] == "fairgate evaluate … --policy policy.yaml"


def test_examples_without_a_value_need_one() -> None:
    """No rule can name them."""
    harmed = [line("uncovered-harm", name, "unproven", kind=CHECK, proven=True) for name in ("sex:(no value)", "race:b")]
    first, second, *_ = steps("inconclusive", *harmed, table=True)
    assert first == NextStep(
        "A limit is proven to be broken on sex:(no value): give these examples a value in the table, such as unknown."
    )
    assert second.text.startswith("No rule judges race:b, where a limit is proven to be broken")
