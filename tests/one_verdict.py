"""Compare a run with `fairgate evaluate` on its exported predictions: the same verdict, the same numbers."""

import json
import shlex
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fairgate import parquet
from fairgate.cli import main as cli
from fairgate.gate.outcome import CHECK, EXIT_CODES, RuleLine, outcome_of
from fairgate.gate.verdict import Verdict
from fairgate.gate.verdict import read as read_verdict
from fairgate.integrations.pytest_plugin import gate
from fairgate.judging.judgement import Judgement, evaluate
from fairgate.parquet import Kind
from fairgate.run_folder import CONTENT, VERDICT
from fairgate.table import read_table
from pipeline.commands import predictions

OF_TRAIN = {"train_accuracy", "train_loss", "train_test_accuracy_difference"}
RATES = 1e-9  # of counts, rates and their intervals
SCORES = 1e-5  # of what orders or adds up scores: the run's tables are binned
CROSSED = 1e-4  # of AUCs of a small slice against all others, where one pair of equal cells weighs more: 2.4e-5 were measured
ERRORS = 0.01  # of the standard errors of paired AUCs, relative
OF_SCORES = ("auc", "calibration_error", "mean_score", "loss", "jigsaw_score")
# Checks of a run's artifacts, which a table has not.
ARTIFACTS = ("artifacts", "export", "serving")


def check_one_verdict(root: Path, run: str, out: Path, left_out: Collection[str] = (), **roles: Any) -> Judgement:
    """Export a run and judge it by the command, in Python and in a test; compare everything with the run.

    Args:
        root: of the run.
        run: its id.
        out: a folder to be made.
        left_out: ids of the rules that only the run can judge.
        roles: of `fairgate.evaluate`, which say what the command that was printed says.
    """
    finished = predictions.find_run(root, run)
    text = predictions.export(finished, out)
    assert sorted(path.name for path in out.iterdir()) == ["evaluate.txt", "policy.yaml", "predictions.parquet"]
    assert (out / "evaluate.txt").read_text() == text
    for rule in left_out:
        assert f"# Left out: the rule {rule}, " in text
    (typed,) = [line for line in text.splitlines() if line.startswith("fairgate evaluate ")]
    report = out.parent / "report"
    code = cli.main([*shlex.split(typed)[1:], "--out", str(report)])
    by_command = read_verdict(report / VERDICT)
    named = {**roles, "label": "label", "content": "content", "policy": out / "policy.yaml"}
    in_python = evaluate(out / "predictions.parquet", **named)
    in_a_test = gate(out / "predictions.parquet", allow=tuple(EXIT_CODES), **named)
    assert code == EXIT_CODES[by_command.outcome]
    assert by_command.rules == in_python.verdict.rules == in_a_test.verdict.rules
    expected = outcome_of([line for line in finished.verdict.rules if line.id not in left_out])
    assert (expected == finished.verdict.outcome) or left_out
    assert [expected] * 3 == [by_command.outcome, in_python.verdict.outcome, in_a_test.verdict.outcome]
    _compare_lines(finished.verdict, by_command, left_out)
    _compare_metrics(finished.report / "metrics.parquet", report / "metrics.parquet")
    _compare_errors(finished.report, report)
    return in_python


def _compare_lines(of_run: Verdict, of_table: Verdict, left_out: Collection[str]) -> None:
    run, table = _lines(of_run), _lines(of_table)
    missing = {name for name, *_ in run.keys() - table.keys()}
    assert missing == {*left_out, *(name for name in ARTIFACTS if (name, "", None) in run)}
    assert not table.keys() - run.keys()
    for key, line in table.items():
        assert (line.outcome, line.n) == (run[key].outcome, run[key].n), key
        within = SCORES if line.kind == CHECK else _within(line.metric)  # a check names its metric in words alone
        assert _numbers(line) == pytest.approx(_numbers(run[key]), abs=within, nan_ok=True), key
        if line.kind == CHECK:
            assert line.reason == run[key].reason
    assert [_where(note) for note in of_table.not_judged] == [_where(note) for note in of_run.not_judged]


def _lines(verdict: Verdict) -> dict[tuple[str, str, float | None], RuleLine]:
    return {(line.id, line.slice, line.threshold): line for line in verdict.rules}


def _where(note: Any) -> tuple[str, str, float | None, str]:
    return note.slice, note.metric, note.threshold, note.because


def _numbers(line: RuleLine) -> list[float]:
    """Return value, limit and interval; NaN where there is none."""
    found = [line.value, line.limit, *(line.interval or (None, None))]
    return [np.nan if each is None else each for each in found]


def _within(metric: str) -> float:
    """Return how near a metric must come."""
    if metric.startswith(("bpsn_auc", "bnsp_auc")):
        return CROSSED
    return SCORES if any(name in metric for name in OF_SCORES) else RATES


def _compare_metrics(of_run: Path, of_table: Path) -> None:
    """Compare every metric of every slice with its interval; only what needs the training examples is the run's alone."""
    run, table = (_by_key(read_table(path).to_dict("records")) for path in (of_run, of_table))
    assert {metric for _, _, metric, _ in run.keys() - table.keys()} <= OF_TRAIN
    assert {model for model, *_ in table.keys() - run.keys()} <= {"reference"}  # the run measures it on all examples alone
    shared = sorted(run.keys() & table.keys(), key=json.dumps)
    assert len(shared) > 100
    for within in (RATES, SCORES, CROSSED):
        keys = [key for key in shared if _within(key[2]) == within]
        mine, theirs = (np.array([found[key] for key in keys]) for found in (table, run))
        np.testing.assert_allclose(mine, theirs, rtol=within, atol=within)


def _compare_errors(of_run: Path, of_table: Path) -> None:
    """Compare the standard errors of paired AUCs in every slice: the run's come from ranks in bins, the table's from all scores.

    The width of an interval is a multiple of its error.
    """
    run, table = (_widths(folder / CONTENT / "paired_changes.parquet") for folder in (of_run, of_table))
    assert run.keys() == table.keys()
    found = {key: table[key] / width for key, width in run.items() if width and not np.isnan(width)}
    assert {key for key, width in table.items() if np.isnan(width)} == {key for key, width in run.items() if np.isnan(width)}
    assert len(found) != 1
    assert found == {key: pytest.approx(1, rel=ERRORS) for key in found}


def _widths(file: Path) -> dict[tuple[str, str], float]:
    kinds: Mapping[str, Kind] = {"slice": "text", "metric": "text", "low": "number", "high": "number"}
    rows = parquet.read(file, kinds).to_dict("records")
    return {(row["slice"], row["metric"]): row["high"] - row["low"] for row in rows if row["metric"].endswith("auc")}


def _by_key(rows: Sequence[Mapping[Any, Any]]) -> dict[tuple[str, str, str, float], list[float]]:
    named = ("value", "low", "high", "n")
    return {
        (row["model"], row["slice"], row["metric"], -1.0 if _absent(row["threshold"]) else row["threshold"]): [
            np.nan if row[name] is None else row[name] for name in named
        ]
        for row in rows
    }


def _absent(threshold: float | None) -> bool:
    return threshold is None or threshold != threshold
