"""What is common to all tasks: their configurations, and the places of what they prepare."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from components.tasks.base import Preparation, TaskModel


class Training(TaskModel):
    """An example."""

    steps: int = 1


def test_configuration_is_frozen() -> None:
    """What a run says it did is what it did."""
    with pytest.raises(ValidationError, match="frozen"):
        Training().steps = 2  # type: ignore[misc]  # the mistake that is tested


def test_unknown_key_is_an_error() -> None:
    """A mistyped key must not be passed over in silence."""
    with pytest.raises(ValidationError, match="step"):
        Training.model_validate({"step": 2})


def test_a_configuration_lacks_nothing_by_default() -> None:
    """A task that needs files says so itself."""
    assert Training().missing_inputs() == []


def folder(source: str = "one", name: str = "sample", **made_from: Any) -> Path:
    """Return the place of examples that are made from these values by this source."""
    return Preparation(TaskModel(), TaskModel(), Path("root"), source, seed=1).folder("examples", name, made_from)


def test_prepared_data_lie_below_the_root_by_kind_and_name() -> None:
    """People find them there."""
    assert folder(rows=3).parent == Path("root", "examples")
    assert folder(rows=3).name.startswith("sample-")


def test_same_values_and_source_give_the_same_folder() -> None:
    """A second run uses what the first one made."""
    assert folder(rows=3, seed=1) == folder(seed=1, rows=3)


@pytest.mark.parametrize("other", [folder(rows=4), folder("two", rows=3), folder(rows=3, seed=1)], ids=["value", "source", "key"])
def test_another_value_or_another_source_gives_another_folder(other: Path) -> None:
    """What other code made of the same input is another thing."""
    assert other != folder(rows=3)


def test_no_other_place_is_offered_than_one_with_the_digest() -> None:
    """A task that knew the root could forget the digest; downloads are checked by digests of their own."""
    public = {name for name in dir(Preparation(TaskModel(), TaskModel(), Path("root"), "one", seed=1)) if name[0] != "_"}
    assert public == {"input", "training", "seed", "beam_args", "folder", "downloads"}
