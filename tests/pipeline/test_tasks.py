"""The register of tasks, and what every task must bring."""

import pytest

from components.task import Task
from data.errors import InputError
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
