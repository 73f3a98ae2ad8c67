"""What a person sees: the terminal while everything else goes to a file, steps, the verdict."""

import io
import logging
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from rich.console import Console

from fairgate.errors import InputError
from fairgate.gate.outcome import Interval, RuleLine
from fairgate.gate.verdict import DataInfo, Provenance, SliceLine, Verdict
from pipeline.terminal import Steps, print_verdict, quiet, transfers


def shown(draw: Callable[[Console], object]) -> list[str]:
    """The lines that are printed, without colours and trailing blanks."""
    text = io.StringIO()
    draw(Console(file=text, width=120))
    return [line.rstrip() for line in text.getvalue().splitlines()]


SCRIPT = """
import logging, os, subprocess, sys, warnings
from pathlib import Path
from pipeline.terminal import quiet

print("before")
try:
    with quiet(Path("logs", "run.log")) as console:
        print("from Python")
        sys.stderr.write("from Python's errors\\n")
        os.write(1, b"from C++\\n")
        os.write(2, b"from C++'s errors\\n")
        subprocess.run([sys.executable, "-c", "print('from a child')"], check=True)
        console.print("for the person")
        logging.getLogger("test").info("%d rows", 3)
        logging.getLogger("test").debug("not this")
        warnings.warn("a warning")
        raise RuntimeError("broken")
except RuntimeError:
    print("afterwards")
with quiet(Path("logs", "run.log")):
    print("from Python once more")
os.write(2, b"errors afterwards\\n")
"""


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str, list[str]]:
    """What a process of its own wrote to the terminal, to its errors, and the lines in its log."""
    folder = tmp_path_factory.mktemp("quiet")
    done = subprocess.run([sys.executable, "-c", SCRIPT], cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout, done.stderr, (folder / "logs" / "run.log").read_text().splitlines()


def test_terminal_is_for_the_person_and_given_back(ran: tuple[str, str, list[str]]) -> None:
    """Also when the block fails."""
    assert ran[:2] == ("before\nfor the person\nafterwards\n", "errors afterwards\n")


@pytest.mark.parametrize(
    "words",
    ["from Python", "from Python's errors", "from C++", "from C++'s errors", "from a child", "from Python once more"],
)
def test_output_of_libraries_goes_to_the_file(ran: tuple[str, str, list[str]], words: str) -> None:
    """Python's, C++'s (straight to the descriptors), that of child processes; and the file is continued."""
    assert words in ran[2]


def test_records_and_warnings_go_to_the_file(ran: tuple[str, str, list[str]]) -> None:
    """From level INFO on, with level and name."""
    written = "\n".join(ran[2])
    assert "INFO test: 3 rows\n" in written
    assert "not this" not in written
    assert "UserWarning: a warning" in written


def test_logging_is_left_as_it_was(tmp_path: Path) -> None:
    """No handler stays behind with a closed file."""
    root = logging.getLogger()
    before = list(root.handlers), root.level
    with quiet(tmp_path / "run.log"):
        assert (list(root.handlers), root.level) != before
    assert (list(root.handlers), root.level) == before


def test_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    """The remedy is another root."""
    (tmp_path / "logs").write_text("a file in the place of a folder")
    with pytest.raises(InputError, match=r"logs/run\.log cannot be written .*--root"), quiet(tmp_path / "logs" / "run.log"):
        pass


def test_step_is_one_line_with_its_time() -> None:
    """Aligned, with a note; square brackets are no markup."""

    def draw(console: Console) -> None:
        steps = Steps(console)
        steps.start("Transform")
        steps.end("Transform", 3.14)
        steps.start("Trainer")
        steps.end("Trainer", 1234.5, "from [cache]")

    assert shown(draw) == [
        "  ✓ Transform               3.1 s",
        "  ✓ Trainer              1234.5 s  from [cache]",
    ]


def test_terminal_shows_the_step_at_work() -> None:
    """And nothing moves any more after stop."""
    text = io.StringIO()
    steps = Steps(Console(file=text, force_terminal=True, width=80, _environ={"TERM": "xterm"}))
    steps.start("Transform")
    steps.stop()
    assert "Transform" in text.getvalue()
    length = len(text.getvalue())
    steps.stop()
    assert len(text.getvalue()) == length


def test_bars_of_transfers(capsys: pytest.CaptureFixture[str]) -> None:
    """One per file, at the end whole."""
    with transfers() as progress:
        progress("train.tfrecord", 0, None)
        progress("train.tfrecord", 1_500_000, 1_500_000)
        progress("eval.tfrecord", 500_000, 1_000_000)
    printed = capsys.readouterr().out
    assert [line.split()[0] for line in printed.splitlines() if line.strip()] == ["train.tfrecord", "eval.tfrecord"]
    assert "1.5/1.5 MB" in printed
    assert "0.5/1.0 MB" in printed


def rule(name: str, where: str, outcome: str, metric: str = "false_positive_rate", threshold: float | None = 0.5) -> RuleLine:
    """A judged rule."""
    return RuleLine.model_validate(
        {
            "id": name,
            "kind": "gap",
            "slice": where,
            "metric": metric,
            "threshold": threshold,
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
