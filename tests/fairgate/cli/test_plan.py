"""`fairgate plan`: a number before there are data, a list for a verdict, and what it refuses to answer."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.stats import binom

from fairgate.cli import main as cli
from fairgate.gate import verdict as verdicts
from fairgate.gate.needed import Needed
from fairgate.gate.outcome import RuleLine
from fairgate.gate.verdict import DataInfo, Provenance, Verdict
from fairgate.statistics import intervals, paired

RUN = "20260301T120000Z"


def fairgate(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> tuple[int, str]:
    """Exit code, and what was printed on either stream."""
    code = cli.main(["plan", *map(str, arguments)])
    printed = capsys.readouterr()
    assert (printed.out == "") == (code != 0)
    return code, printed.out + printed.err


def answer(capsys: pytest.CaptureFixture[str], *arguments: str) -> int | None:
    """The number of examples for assumed rates."""
    code, printed = fairgate(capsys, *arguments, "--json")
    assert code == 0
    examples = json.loads(printed)["examples"]
    assert examples is None or isinstance(examples, int)
    return examples


def line(rule: str, needed: Needed | None, **changes: Any) -> RuleLine:
    """A line of a verdict, open unless it says otherwise."""
    values: dict[str, Any] = {"id": rule, "kind": "quality", "measure": "value", "metric": "false_positive_rate"}
    values |= {"slice": needed.slice if needed else "overall", "outcome": "unproven", "reason": f"Reason of {rule}."}
    return RuleLine.model_validate({**values, "threshold": 0.5, **changes, "needed": needed})


def needs(name: str, examples: int | None, label: str = "negative", **changes: Any) -> Needed:
    """What a line needs."""
    values = {"slice": name, "label": label, "examples": examples, "have": 794, "power": 0.8, "sentence": "A sentence."}
    return Needed.model_validate(values | changes)


def write(root: Path, *lines: RuleLine, outcome: str = "inconclusive") -> Path:
    """Write a run of these lines and return its root."""
    report = root / "reports" / RUN
    report.mkdir(parents=True)
    values: dict[str, Any] = {"task": "digits", "outcome": outcome, "summary": "A summary.", "models": {}, "overall": {}}
    values |= {"slices": (), "omitted": {}, "invalid_scores": {}, "confidence": 0.95, "data": DataInfo(source="files")}
    verdict = Verdict.model_validate({**values, "rules": lines, "provenance": Provenance()})
    verdicts.write(verdict, report / "verdict.json")
    return root


def test_a_rate_and_a_limit_are_answered_before_there_are_data(capsys: pytest.CaptureFixture[str]) -> None:
    code, printed = fairgate(capsys, "--rate", ".19", "--limit", ".22")
    assert code == 0
    assert printed.splitlines()[0] == (
        "About 1,450 examples: with so many, the 95 % interval of a rate of 0.19 lies wholly below the limit 0.22 "
        "with a probability of 80 %."
    )
    assert "negatives for a false positive rate" in printed


def test_the_number_has_the_power_that_was_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    trials = answer(capsys, "--rate", ".30", "--limit", ".25", "--power", ".9", "--confidence", ".99")
    assert trials is not None
    counts = np.arange(trials + 1)
    low, _ = intervals.wilson(counts, float(trials), 0.99)
    assert binom.pmf(counts, trials, 0.30)[low > 0.25].sum() == pytest.approx(0.9, abs=0.03)


def test_a_limit_that_differs_in_the_seventh_digit_is_written_out(capsys: pytest.CaptureFixture[str]) -> None:
    _, printed = fairgate(capsys, "--rate", ".2", "--limit", ".2000001")
    assert printed == "No number of examples decides whether a rate of 0.2 lies below the limit 0.2000001; it lies too near.\n"


@pytest.mark.parametrize(("growing", "expected"), [(("--share", "0.04573"), 2000), (("--rest", "16568"), 1850)])
def test_a_slice_against_all_examples(capsys: pytest.CaptureFixture[str], growing: tuple[str, str], expected: int) -> None:
    """The sample's male slice: the published numbers for all data growing, and for the slice alone."""
    found = answer(capsys, "--rate", ".194", "--against", ".1753", "--ratio", "1.25", *growing)
    assert found == pytest.approx(expected, rel=0.02)


def test_a_slice_against_all_examples_in_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    _, printed = fairgate(capsys, "--rate", ".30", "--against", ".25", "--ratio", "1.1", "--share", ".05")
    assert " examples of the slice: with so many, the 95 % interval of the ratio 0.3 / 0.25 = 1.2 lies wholly above" in printed


def test_a_difference_to_all_examples(capsys: pytest.CaptureFixture[str]) -> None:
    _, printed = fairgate(capsys, "--rate", ".30", "--against", ".25", "--difference", ".1", "--share", ".05")
    assert "the difference 0.3 − 0.25 = 0.05 lies wholly below the limit 0.1 with" in printed


@pytest.mark.parametrize(("both", "joint"), [((), 0.216 * 0.143), (("--both", ".13"), 0.13)])
def test_a_candidate_against_the_baseline(capsys: pytest.CaptureFixture[str], both: tuple[str, ...], joint: float) -> None:
    """Without a share where both err, as if they erred independently; the power in simulation."""
    trials = answer(capsys, "--rate", ".216", "--baseline", ".143", "--margin", ".1", *both)
    assert trials is not None
    shares = [joint, 0.143 - joint, 0.216 - joint, 1 - 0.143 - 0.216 + joint]
    _, lost, gained, _ = np.random.default_rng(5).multinomial(trials, shares, 4000).T
    assert np.mean(paired.tango(gained, lost, float(trials), 0.95).high < 0.1) == pytest.approx(0.8, abs=0.03)


def test_a_candidate_against_the_baseline_in_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    _, printed = fairgate(capsys, "--rate", ".216", "--baseline", ".143", "--margin", ".1")
    assert " examples: with so many, the 95 % interval of the change 0.216 − 0.143 = 0.073 lies wholly below" in printed


def test_a_rest_that_is_too_small_is_said_so(capsys: pytest.CaptureFixture[str]) -> None:
    options = ("--rate", ".2", "--against", ".199", "--difference", ".0005", "--rest", "40")
    code, printed = fairgate(capsys, *options)
    assert code == 0
    assert printed.startswith("No number of examples of the slice alone decides whether the difference 0.2 − 0.199 = 0.001")
    assert answer(capsys, *options) is None


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("", "Name a run's root folder, or give assumed rates: fairgate plan --rate .19 --limit .22."),
        ("--limit .3", "Name a run's root folder, or give assumed rates: fairgate plan --rate .19 --limit .22."),
        ("--rate .3", "--rate needs one of --limit, --against and --baseline, for example fairgate plan --rate .19 --limit .22."),
        ("--rate .3 --limit .2 --against .1", "--rate needs one of --limit, --against and --baseline"),
        ("--rate .3 --limit .2 --baseline .1", "--rate needs one of --limit, --against and --baseline"),
        ("--rate 30 --limit .2", "--rate 30 is not between 0 and 1; write a share such as --rate .25, not a percentage."),
        ("--rate nan --limit .2", "--rate nan is not between 0 and 1"),
        ("--rate 0 --limit .2", "--rate 0 is not between 0 and 1"),
        ("--rate .3 --limit 1", "--limit 1 is not between 0 and 1"),
        ("--rate .3 --limit .2 --confidence 95", "--confidence 95 is not between 0 and 1"),
        ("--rate .3 --limit .2 --power .3", "--power 0.3 is not between .5 and 1; the usual one is --power .8."),
        ("--rate .3 --limit .3", "No number of examples decides: the value 0.3 is the limit; move one of the two."),
        ("--rate .3 --limit .2 --share .1", "--share belongs to --against; add --against RATE, or leave it out."),
        ("--rate .3 --against .2", "--against needs --ratio or --difference, and not both, for example --ratio 1.25."),
        ("--rate .3 --against .2 --ratio 2", "--against needs --share or --rest, and not both, for example --share .05."),
        ("--rate .3 --against .2 --ratio 2 --share .1 --rest 9", "--against needs --share or --rest, and not both"),
        ("--rate .3 --against .2 --ratio 0 --share .1", "--ratio 0 is not above 0; a usual limit is --ratio 1.25."),
        ("--rate .3 --against .2 --ratio inf --share .1", "--ratio inf is not above 0"),
        ("--rate .3 --against .2 --difference 1 --share .1", "--difference 1 is not between -1 and 1"),
        ("--rate .3 --against .2 --ratio 2 --rest 0", "--rest 0 is no number of examples; give at least --rest 1."),
        ("--rate .3 --against .2 --ratio 1.5 --share .1", "the value 1.5 is the limit"),
        ("--rate .9 --against .1 --ratio 2 --share .5", "leave the others at -0.7, which is no rate; lower the share"),
        ("--rate .3 --limit .2 --margin .1", "--margin belongs to --baseline; add --baseline RATE, or leave it out."),
        ("--rate .3 --against .2 --both .1", "--both belongs to --baseline; add --baseline RATE, or leave it out."),
        ("--rate .3 --baseline .2", "--baseline needs --margin, for example --margin .1."),
        ("--rate .3 --baseline 2 --margin .1", "--baseline 2 is not between 0 and 1"),
        ("--rate .3 --baseline .2 --margin 1", "--margin 1 is not between -1 and 1; a usual one is --margin .1."),
        (
            "--rate .2 --baseline .14 --margin .1 --both .3",
            "--both 0.3 is not possible at these rates; give a share from 0 to 0.14.",
        ),
        (
            "--rate .9 --baseline .8 --margin .2 --both .6",
            "--both 0.6 is not possible at these rates; give a share from 0.7 to 0.8.",
        ),
        (
            "--rate .2 --baseline .1 --margin .1",
            "No number of examples decides: the value 0.1 is the limit; move one of the two.",
        ),
        ("runs --rate .3", "--rate asks before there are data, but runs is a run; leave one of the two out."),
        ("runs --power .9", "--power asks before there are data, but runs is a run; leave one of the two out."),
        ("nowhere", "nowhere: no such folder; name a run's root folder, such as runs/digits, or the folder of one report."),
    ],
)
def test_a_question_without_an_answer_exits_with_three(capsys: pytest.CaptureFixture[str], arguments: str, message: str) -> None:
    code, printed = fairgate(capsys, *arguments.split())
    assert code == 3
    assert message in printed


def test_a_verdict_becomes_a_list(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The greatest number per slice and label, the fewest first, and what no data decides."""
    root = write(
        tmp_path,
        line("gap", needs("gender:male", 1167)),
        line("ceiling", needs("gender:male", 420)),
        line("guard", needs("gender:male", 95, "positive", have=282, available=1300), outcome="passed"),
        line("floor", needs("gender:transgender", 60, have=40, power=None), outcome="not enough data"),
        line("even", needs("overall", None, sentence="No number of examples decides this: …")),
        line("absent", None, slice="race:*"),
        line("auc", None, outcome="passed"),
        line("lost", None, outcome="failed"),
        line("check", None, kind="check", slice="", outcome="unproven"),
    )
    code, printed = fairgate(capsys, root)
    assert code == 0
    assert printed.splitlines() == [
        f"{root}: A summary.",
        "",
        "More examples that decide, at 80 % power, if the observed rates are the true ones and all data grow in proportion:",
        "     95  positives of gender:male  there are 282, the rest of the data holds 1,300  for guard at 0.5",
        "  1,170  negatives of gender:male  there are 794                                    "
        "for ceiling at 0.5 (420), gap at 0.5",
        "",
        "More examples without which a slice is not judged at all:",
        "  60  negatives of gender:transgender  there are 40  for floor at 0.5",
        "",
        "Open, and decided by no number of examples:",
        "  even on overall: No number of examples decides this: …",
        "  absent on race:*: Reason of absent.",
        "  check: Reason of check.",
        "",
        "Failed, which more data does not remedy: lost.",
    ]


def test_a_verdict_becomes_a_list_for_machines(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    gap, auc = line("gap", needs("a:b", 1167)), line("floor", needs("a:b", 4000, "", have=900), metric="auc", threshold=None)
    root = write(tmp_path, auc, gap)
    code, printed = fairgate(capsys, root, "--json")
    assert code == 0
    assert json.loads(printed) == {
        "verdict": str(root / "reports" / RUN / "verdict.json"),
        "outcome": "inconclusive",
        "summary": "A summary.",
        "decide": [
            {
                "slice": "a:b",
                "label": "negative",
                "examples": 1167,
                "have": 794,
                "power": 0.8,
                "available": None,
                "rules": [{"id": "gap", "metric": "false_positive_rate", "threshold": 0.5, "examples": 1167}],
            },
            {
                "slice": "a:b",
                "label": "",
                "examples": 4000,
                "have": 900,
                "power": 0.8,
                "available": None,
                "rules": [{"id": "floor", "metric": "auc", "threshold": None, "examples": 4000}],
            },
        ],
        "judge": [],
        "undecided": [],
        "failed": [],
    }


def test_a_violation_that_is_proven_needs_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Holm may prove what the strictest step, which the number is planned for, does not."""
    root = write(tmp_path, line("gap", needs("a:b", 10), outcome="failed", proven=True), outcome="refused")
    _, printed = fairgate(capsys, root)
    assert printed.splitlines()[1:] == [
        "Nothing is open, so more data is not asked for.",
        "",
        "Failed, which more data does not remedy: gap.",
    ]


def test_a_refusal_for_want_of_a_proof_is_open(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = write(tmp_path, line("gap", needs("a:b", 10), outcome="failed"), outcome="refused")
    _, printed = fairgate(capsys, root)
    assert "  10  negatives of a:b" in printed
    assert "Failed" not in printed


def test_a_rule_without_a_threshold_is_named_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = write(tmp_path, line("floor", needs("overall", 4000, ""), metric="auc", threshold=None))
    _, printed = fairgate(capsys, root)
    assert "  4,000  examples of overall  there are 794  for floor\n" in printed


def test_a_verdict_that_leaves_nothing_open_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = write(tmp_path, line("gap", None, outcome="passed"), outcome="blessed")
    assert fairgate(capsys, root) == (0, f"{root}: A summary.\nNothing is open, so more data is not asked for.\n")


def test_the_folder_of_one_report_will_do(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report = write(tmp_path, line("gap", None, outcome="passed")) / "reports" / RUN
    assert fairgate(capsys, report)[0] == 0


def test_a_slice_with_control_characters_does_not_reach_the_terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = write(tmp_path, line("gap", needs("a:\x1b[2J", 10)))
    assert "\x1b" not in fairgate(capsys, root)[1]


def test_an_older_verdict_is_not_answered_from(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write(tmp_path, line("gap", None)) / "reports" / RUN / "verdict.json"
    written = json.loads(path.read_text())
    for rule in written["rules"]:
        del rule["needed"]
    path.write_text(json.dumps(written))
    code, printed = fairgate(capsys, tmp_path)
    assert code == 3
    assert printed == (
        f"Error: {path}: this verdict was written by an older version, which did not say what is needed: run again.\n"
    )


def test_a_damaged_verdict_is_named_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write(tmp_path) / "reports" / RUN / "verdict.json"
    path.write_text("{}")
    code, printed = fairgate(capsys, tmp_path)
    assert code == 3
    assert printed.count(str(path)) == 1


def test_the_command_is_imported_without_numpy() -> None:
    code = "import sys, fairgate.cli.plan; sys.exit('numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False, capture_output=True).returncode == 0
