"""The terminal while everything else goes to a file; the lines of steps."""

import io
import logging
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from rich.console import Console

from fairgate.errors import InputError
from pipeline.terminal import Steps, elapsed, quiet, transfers


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


def test_step_is_one_line_with_its_number_its_time_and_all_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Aligned, with a note; square brackets are no markup."""
    clock = iter((0.0, 3.2, 1300.0))
    monkeypatch.setattr("pipeline.terminal.time.monotonic", lambda: next(clock))

    def draw(console: Console) -> None:
        steps = Steps(console)
        steps.start("Prepare")
        steps.end("Prepare", 3.14)
        steps.start("Trainer", "9 of 15", 60_000)
        steps.end("Trainer", 1234.5, "60,000 rows, from [cache]", "9 of 15")

    assert shown(draw) == [
        "  ✓          Prepare                  3.1 s    0:03",
        "  ✓  9 of 15 Trainer               1234.5 s   21:40  60,000 rows, from [cache]",
    ]


@pytest.mark.parametrize(("seconds", "text"), [(0.9, "0:00"), (65, "1:05"), (3600, "1:00:00"), (36_065, "10:01:05")])
def test_elapsed_time(seconds: float, text: str) -> None:
    assert elapsed(seconds) == text


def test_terminal_shows_the_step_at_work() -> None:
    """With its number, time and rows; and nothing moves any more after stop."""
    text = io.StringIO()
    steps = Steps(Console(file=text, force_terminal=True, width=80, _environ={"TERM": "xterm"}))
    steps.start("Transform", "6 of 15", 60_000)
    steps.stop()
    assert "6 of 15 Transform  0:00  60,000 rows  (since the start: 0:00)" in text.getvalue()
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
