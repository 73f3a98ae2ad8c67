"""The report of a table: whole, sealed, and in nobody's way."""

from pathlib import Path

import pytest

import fairgate
from fairgate.cli import main as cli
from fairgate.errors import InputError
from fairgate.judging.judgement import Judgement
from tests.fairgate.judging.rows import Rows


@pytest.fixture(scope="module")
def judged(rows: Rows) -> Judgement:
    """A table of clustered rows, judged without a policy."""
    return fairgate.evaluate(rows.table().slice(0, 2000), label="toxic", scores="p_new", slices=["gender"], cluster="male")


def test_a_report_has_everything_that_a_run_has(judged: Judgement, tmp_path: Path) -> None:
    """Also of clustered examples; it loads as one, and nothing else is left behind."""
    page = judged.report(tmp_path / "out")
    assert page == tmp_path / "out" / "report.html"
    names = {"verdict.json", "verdict.md", "metrics.parquet", "report.html", "config.json", "manifest.json", "content"}
    assert {path.name for path in (tmp_path / "out").iterdir()} >= names
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    assert fairgate.load(tmp_path / "out").verdict == judged.verdict


def test_verify_check_and_report_know_it(judged: Judgement, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Unchanged, also after its page was drawn again; a changed file is named."""
    folder = tmp_path / "out"
    judged.report(folder)
    for command in ("verify", "check", "report", "verify"):
        assert cli.main([command, str(folder)]) == 0
    (folder / "verdict.md").write_text("Blessed.")
    assert cli.main(["verify", str(folder)]) == 3
    assert "verdict.md: changed" in capsys.readouterr().err


def test_a_later_report_takes_the_place_of_an_earlier_one(judged: Judgement, tmp_path: Path) -> None:
    """Also where its page was drawn again, and where the folder is empty or a link."""
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    for _ in range(2):
        judged.report(tmp_path / "link")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real" / "report.html").is_file()


def test_a_folder_of_other_files_is_left_alone(judged: Judgement, tmp_path: Path) -> None:
    """Neither a folder of somebody's, nor a file, nor a report that was changed by hand."""
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.md").write_text("all of it")
    (tmp_path / "file").write_text("a")
    judged.report(tmp_path / "out")
    (tmp_path / "out" / "notes.txt").write_text("mine")
    (tmp_path / "loop").symlink_to("loop")
    places = {
        "mine": "holds other files",
        "file": "is a file",
        "out": "no longer as it was written .*notes.txt",
        "loop": "back to itself",
    }
    for name, message in places.items():
        with pytest.raises(InputError, match=message):
            judged.report(tmp_path / name)
    assert (tmp_path / "mine" / "thesis.md").read_text() == "all of it"


def test_the_folder_that_one_is_in_is_not_replaced(judged: Judgement, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor one around it; a name that is too long is none."""
    (tmp_path / "inner").mkdir()
    monkeypatch.chdir(tmp_path / "inner")
    for name, message in ((".", "the folder that you are in"), ("..", "the folder that you are in"), ("a" * 300, "too long")):
        with pytest.raises(InputError, match=message):
            judged.report(name)


def test_nothing_is_left_where_it_cannot_be_written(judged: Judgement, tmp_path: Path) -> None:
    """The message names the folder and the option."""
    (tmp_path / "file").write_text("a")
    with pytest.raises(InputError, match=r"cannot be written .*name another folder\."):
        judged.report(tmp_path / "file" / "out")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
