"""What the shell completes."""

from pathlib import Path

import pytest

from fairgate.cli import main as cli
from fairgate.cli import pipeline_commands


def completed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], typed: str) -> list[str]:
    """The answers that bash gets for the last word of a command line."""
    words = typed.split(" ")
    monkeypatch.setenv("_FAIRGATE_COMPLETE", "complete_bash")
    monkeypatch.setenv("COMP_WORDS", typed)
    monkeypatch.setenv("COMP_CWORD", str(len(words) - 1))
    with pytest.raises(SystemExit) as ended:
        cli.main(())
    assert ended.value.code == 0
    return capsys.readouterr().out.split()


@pytest.mark.parametrize(
    ("typed", "answers"),
    [
        ("fairgate re", ["report"]),
        ("fairgate data con", ["convert"]),
        ("fairgate run ", ["civil-comments", "fashion-mnist", "digits"]),
        ("fairgate check di", ["digits"]),
        ("fairgate run civil-comments --sam", ["--sample"]),
        ("fairgate run civil-comments --policy ", ["default", "strict", "lenient", "exercise-gender", "four-fifths", "ll144"]),
        ("fairgate check digits --policy s", ["strict"]),
        ("fairgate run digits --seed 2 --preset cnn", ["cnn", "cnn-small"]),
        ("fairgate run nothing --preset ", []),
        ("fairgate run digits --candidate b", ["baseline"]),
        ("fairgate plan runs/", []),  # nothing of ours: the shell completes the file
    ],
)
def test_names_are_completed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], typed: str, answers: list[str]
) -> None:
    assert completed(monkeypatch, capsys, typed) == answers


def test_without_the_pipeline_there_are_no_tasks_to_complete(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(pipeline_commands, "is_present", lambda: False)
    cli.application.cache_clear()
    try:
        assert completed(monkeypatch, capsys, "fairgate check ") == []
    finally:
        cli.application.cache_clear()


def test_script_for_the_shell_is_printed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("typer.completion._get_shell_name", lambda: "bash")
    with pytest.raises(SystemExit) as ended:
        cli.main(("--show-completion",))
    assert ended.value.code == 0
    assert "_FAIRGATE_COMPLETE=complete_bash" in capsys.readouterr().out


def test_completion_is_installed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """In the home folder, where bash looks for it."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr("typer._completion_shared._get_shell_name", lambda: "bash")
    with pytest.raises(SystemExit) as ended:
        cli.main(("--install-completion",))
    assert ended.value.code == 0
    script = tmp_path / ".bash_completions" / "fairgate.sh"
    assert str(script) in capsys.readouterr().out
    assert "_fairgate_completion" in script.read_text()
