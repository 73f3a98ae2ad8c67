from pathlib import Path
from typing import Any

import pytest

from benchmarks import ratios, run
from benchmarks.sides import SIDES, Setting

NAMES = {
    "evaluation_vs_tfma": ">= 10",
    "evaluation_vs_tfma_intervals": ">= 25",
    "evaluation_vs_bare": "<= 2",
    "training_baseline_vs_tutorial": ">= 3",
    "training_candidate_vs_tutorial": ">= 4",
    "training_candidate_vs_baseline": ">= 0.95",
    "sample_run_vs_bare": "<= 3",
    "slices_x10": "<= 1.3",
    "thresholds_x10": "<= 1.3",
    "memory_1800k_vs_200k": "<= 1.5",
    "table_vs_bare": "<= 2",
    "table_vs_fairlearn": ">= 1000",
    "table_memory": "<= 1.3",
    "table_memory_exact": "<= 2",
}


class Machine:
    """Answers in place of the processes, each time with a little more, and notes which were started."""

    def __init__(self) -> None:
        """Starts with nothing."""
        self.measured: list[str] = []

    def __call__(self, side: str, _: object, result: Path | None = None) -> dict[str, float]:
        """The figures of a side: the second of a pair takes longer than the first."""
        if result is None:
            return {}
        self.measured.append(side)
        return {"seconds": float(len(self.measured)), "bytes": 7.0}


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Machine:
    """In place of real processes."""
    found = Machine()
    monkeypatch.setattr(run, "_process", found)
    return found


def test_all_goals_of_the_design_are_measured() -> None:
    """Every name, each with its goal, and sides that exist."""
    assert {name: str(benchmark.goal) for name, benchmark in run.BENCHMARKS.items()} == NAMES
    assert {side for one in run.BENCHMARKS.values() for side in (one.numerator, one.denominator)} <= set(SIDES)


def test_sides_run_in_turn(machine: Machine, tmp_path: Path) -> None:
    """The first side of a pair changes, the ratio stays the one that is named; every pair gives a result."""
    *earlier, found = list[Any](run.measure("slices_x10", Setting(tmp_path), 3))
    assert [len(one["runs"]) for one in earlier] == [1, 2]
    assert machine.measured == ["ours_10x_slices", "ours", "ours", "ours_10x_slices", "ours_10x_slices", "ours"]
    assert [(pair["ours_10x_slices"], pair["ours"]) for pair in found["runs"]] == [(1, 2), (4, 3), (5, 6)]
    assert (found["ratio"], found["goal"]) == (0.8333, "<= 1.3")
    assert found["runs"][0] == {"ours_10x_slices": 1, "ours": 2, "unit": "seconds", "rows": 200_000}


def test_memory_compares_bytes(machine: Machine, tmp_path: Path) -> None:
    """Not seconds."""
    (found,) = list[Any](run.measure("memory_1800k_vs_200k", Setting(tmp_path, rows=9), 1))
    assert found["runs"] == [{"ours_9x_rows": 7, "ours": 7, "unit": "bytes", "rows": 9}]
    assert len(machine.measured) == 2


@pytest.mark.parametrize(
    ("arguments", "output"),
    [
        ((), run.PROJECT / "benchmarks" / "latest.json"),
        (("--runs", "1"), "latest.json"),
        (("--rows", "5000"), "latest.json"),
        (("--steps", "20", "--output", "other.json"), "other.json"),
    ],
)
def test_only_full_measurements_go_to_the_published_file(
    machine: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], output: str | Path
) -> None:
    """A proof of the code does not overwrite them, unless it is asked to."""
    monkeypatch.chdir(tmp_path)
    names, _, setting, found = run.parse([*arguments, "--folder", str(tmp_path), "slices_x10"])
    assert (names, setting.folder, found.absolute()) == (["slices_x10"], tmp_path, tmp_path / output)
    assert machine.measured == []


def test_results_are_written_benchmark_by_benchmark(machine: Machine, tmp_path: Path) -> None:
    """The file holds both and the machine; each process measured once."""
    run.main(["slices_x10", "thresholds_x10", "--runs", "1", "--folder", str(tmp_path)])
    found: Any = ratios.read(tmp_path / "latest.json")
    assert list(found) == ["slices_x10", "thresholds_x10", "_machine"]
    assert found["_machine"]["cores"] >= 1
    assert len(machine.measured) == 4


@pytest.mark.parametrize(("arguments", "message"), [(["nothing"], "nothing"), (["--runs", "0"], "--runs is 0")])
def test_wrong_arguments_are_named(arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Before anything is measured."""
    with pytest.raises(SystemExit):
        run.parse(arguments)
    assert message in capsys.readouterr().err
