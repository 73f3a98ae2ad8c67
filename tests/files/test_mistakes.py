"""Mistakes end with exit code 3 and one message, without TensorFlow, and leave the folder as it was."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from tests.files import quick
from tests.files.bad_corpus import MISTAKES


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Path]:
    """A folder with the files of each mistake."""
    made = {name: tmp_path_factory.mktemp("mistake") for name in MISTAKES}
    for name, folder in made.items():
        MISTAKES[name].make(folder)
    return made


@pytest.fixture(scope="module")
def before(folders: Mapping[str, Path]) -> Mapping[str, set[Path]]:
    """What each folder holds before the command."""
    return {name: set(folder.rglob("*")) for name, folder in folders.items()}


@pytest.fixture(scope="module")
def ended(
    folders: Mapping[str, Path], before: Mapping[str, set[Path]], tmp_path_factory: pytest.TempPathFactory
) -> Mapping[str, quick.Ended]:
    """How each command ended, in a process that cannot import TensorFlow."""
    assert before.keys() == MISTAKES.keys()
    commands = [(folders[name], mistake.arguments) for name, mistake in MISTAKES.items()]
    return dict(zip(MISTAKES, quick.run(commands, tmp_path_factory.mktemp("exchange") / "commands.json"), strict=True))


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_ends_with_one_message(
    name: str, ended: Mapping[str, quick.Ended], folders: Mapping[str, Path], before: Mapping[str, set[Path]]
) -> None:
    mistake, end = MISTAKES[name], ended[name]
    lines = end.err.splitlines()
    assert (end.code, end.out) == (3, start_of_run(mistake.arguments, end.out)), end.err
    assert [line for line in lines if line.startswith(("Error: ", "Traceback", "Warning"))] == lines[:1]
    for words in (*mistake.says, *mistake.advice):
        assert words in end.err
    assert "(None)" not in end.err
    assert mistake.untried(end.err) == set()
    left = {path.relative_to(folders[name]) for path in set(folders[name].rglob("*")) - before[name]}
    assert {path.parts[0] for path in left} <= ({"runs"} if end.out else set())


def start_of_run(arguments: Sequence[str], printed: str) -> str:
    """What a run may print before it finds the mistake: its task and its root, where its log is."""
    return f"{arguments[1]} in runs/{arguments[1]}\n" if arguments[0] == "run" and printed else ""


def test_there_are_at_least_sixty() -> None:
    assert len(MISTAKES) >= 60
