"""A verdict in the terminal."""

import io
from collections.abc import Callable

from rich.console import Console

from fairgate.cli.summary import print_verdict
from fairgate.gate.outcome import Interval, RuleLine
from fairgate.gate.verdict import DataInfo, Provenance, SliceLine, Verdict


def shown(draw: Callable[[Console], object]) -> list[str]:
    """The lines that are printed, without colours and trailing blanks."""
    text = io.StringIO()
    draw(Console(file=text, width=120))
    return [line.rstrip() for line in text.getvalue().splitlines()]


def rule(name: str, where: str, outcome: str, metric: str = "false_positive_rate", threshold: float | None = 0.5) -> RuleLine:
    """A judged rule."""
    return RuleLine.model_validate(
        {
            "id": name,
            "kind": "gap",
            "slice": where,
            "metric": metric,
            "threshold": threshold,
            "measure": "ratio",
            "value": 1.5,
            "interval": None,
            "limit": 1.25,
            "n": 100,
            "outcome": outcome,
            "reason": f"{name} on {where} [{outcome}].",
        }
    )


def line(where: str, model: str, threshold: float | None, n: int, **metrics: float | None) -> SliceLine:
    """A slice of a model."""
    intervals: dict[str, Interval] = {}
    known = {"slice": where, "model": model, "threshold": threshold, "n": n, "interval": intervals}
    return SliceLine.model_validate({**known, "n_positive": None, "n_negative": None, **metrics})


SLICES = tuple(
    line(where, model, threshold, n, **metrics)
    for where, n in (("overall", 12000), ("gender:male", 700), ("gender:male × race:black", 40), ("race:black", 50))
    for model, rate, auc in (("baseline", 0.25, 0.9), ("candidate", 0.125, 0.875))
    for threshold, metrics in ((0.5, {"false_positive_rate": rate}), (None, {"auc": None if where == "race:black" else auc}))
)


def verdict(outcome: str, *rules: RuleLine, generated: bool = False) -> Verdict:
    """A verdict over SLICES."""
    return Verdict.model_validate(
        {
            "task": "civil-comments",
            "outcome": outcome,
            "summary": "One [sentence].",
            "models": {},
            "overall": {},
            "rules": rules,
            "slices": SLICES,
            "omitted": {},
            "invalid_scores": {},
            "confidence": 0.95,
            "data": DataInfo(source="generated sample", generated=generated),
            "provenance": Provenance(),
        }
    )


def test_refused_verdict_says_why_and_compares_what_was_judged() -> None:
    """Outcome and reasons, then both models on overall and the judged feature: no other feature, no intersection."""
    found = verdict("refused", rule("gap", "gender:male", "failed"), rule("auc", "overall", "passed", "auc", None))
    assert shown(lambda console: print_verdict(console, found)) == [
        "",
        "REFUSED  One [sentence].",
        "  • gap on gender:male [failed].",
        "",
        "                     false positive rate @0.5                   auc",
        "slice             n      baseline → candidate  baseline → candidate",
        "overall      12,000             0.250 → 0.125         0.900 → 0.875",
        "gender:male     700             0.250 → 0.125         0.900 → 0.875",
    ]


def test_blessed_verdict_gives_no_reasons() -> None:
    """The table says enough; trivial references and checks are no columns of it."""
    rules = (
        rule("gap", "gender:male", "passed"),
        rule("trivial", "overall", "passed", "trivial_accuracy", None),
        rule("serving", "", "passed", "", None),
    )
    assert shown(lambda console: print_verdict(console, verdict("blessed", *rules))) == [
        "",
        "BLESSED  One [sentence].",
        "",
        "                     false positive rate @0.5",
        "slice             n      baseline → candidate",
        "overall      12,000             0.250 → 0.125",
        "gender:male     700             0.250 → 0.125",
    ]


def test_unknown_value_is_a_dash() -> None:
    """Undefined is not zero."""
    found = verdict("inconclusive", rule("auc", "race:black", "unproven", "auc", None))
    assert shown(lambda console: print_verdict(console, found))[-1] == "race:black      50                 – → –"


def test_generated_examples_are_named_as_such() -> None:
    """Nobody shall take the numbers for real ones."""
    found = verdict("blessed", rule("gap", "gender:male", "passed"), generated=True)
    assert shown(lambda console: print_verdict(console, found))[-1] == "Data: generated sample."
