"""The register of tasks, and what every task must bring."""

import importlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from components.tasks.base import Task
from fairgate.errors import InputError
from pipeline import tasks


@pytest.fixture(params=list(tasks.TASKS))
def task(request: pytest.FixtureRequest) -> Task:
    """Every registered task."""
    return tasks.TASKS[request.param]


def test_task_is_found_by_its_name(task: Task) -> None:
    """A name leads to the task that has it."""
    assert tasks.find(task.name) is task


def test_unknown_name_lists_the_known_ones() -> None:
    """The remedy is a choice."""
    with pytest.raises(InputError, match="Unknown task 'nothing'") as caught:
        tasks.find("nothing")
    assert all(name in str(caught.value) for name in tasks.TASKS)


def test_schema_is_there(task: Task) -> None:
    """The curated schema is part of the installed packages."""
    assert "feature {" in task.schema.read_text()


def test_schema_knows_the_features_of_the_task(task: Task) -> None:
    """Names in code and schema agree."""
    schema = task.schema.read_text()
    assert [name for name in (task.labels.key, *task.slice_values) if f'name: "{name}"' not in schema] == []


def test_input_and_training_have_defaults(task: Task) -> None:
    """`fairgate check TASK` needs nothing else."""
    assert (task.input(), task.training()) == (task.input.model_validate({}), task.training.model_validate({}))


MODULE = """
from dataclasses import replace
from pipeline.tasks import TASKS

TASK = replace(TASKS["digits"], name="loans")
OTHER = replace(TASKS["digits"], name="others")
WORD = "loans"
"""


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """Puts a module `loans` and a distribution with entry points where Python looks: (distribution, name="module:object")."""
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "loans.py").write_text(MODULE)

    def installed(distribution: str, **points: str) -> None:
        folder = tmp_path / f"{distribution}-1.0.dist-info"
        folder.mkdir()
        (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 1.0\n")
        lines = [f"{name} = {value}\n" for name, value in points.items()]
        (folder / "entry_points.txt").write_text(f"[{tasks.GROUP}]\n{''.join(lines)}")
        importlib.invalidate_caches()

    yield installed
    sys.modules.pop("loans", None)


def test_installed_task_is_found_and_listed(install: Callable[..., None]) -> None:
    """An entry point is all that it takes."""
    install("bank", loans="loans:TASK")
    assert tasks.find("loans").name == "loans"
    assert tasks.names() == [*tasks.TASKS, "loans"]


def test_name_of_a_task_that_ships_cannot_be_taken(install: Callable[..., None]) -> None:
    """Whoever installs something else does not change what `digits` means."""
    install("bank", digits="loans:TASK")
    assert tasks.find("digits") is tasks.TASKS["digits"]
    assert tasks.names() == list(tasks.TASKS)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("absent:TASK", "'loans' cannot be loaded from absent:TASK of bank: No module named 'absent'"),
        ("loans:ABSENT", "'loans' cannot be loaded from loans:ABSENT of bank: module 'loans' has no attribute 'ABSENT'"),
        ("loans:OTHER", "loans:OTHER of bank should be the task 'loans', but is the task 'others'"),
        ("loans:WORD", "loans:WORD of bank should be the task 'loans', but is of type str"),
    ],
)
def test_installed_task_that_cannot_be_used(install: Callable[..., None], value: str, message: str) -> None:
    """The message names the distribution and the object."""
    install("bank", loans=value)
    with pytest.raises(InputError, match=message):
        tasks.find("loans")


def test_two_tasks_of_one_name(install: Callable[..., None]) -> None:
    """Which of them would run is not left to chance."""
    install("bank", loans="loans:TASK")
    install("rival", loans="loans:OTHER")
    with pytest.raises(InputError, match="loans:OTHER of rival, loans:TASK of bank"):
        tasks.find("loans")
