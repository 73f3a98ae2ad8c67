"""What the first rows say before Beam is imported, in the same words as the conversion."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from data.comments import conversion_checks
from data.comments.conversion import convert
from data.comments.conversion_blocks import RowTally, TextHash, convert_block, read_blocks
from data.comments.conversion_checks import ConversionOptions, check_complete, check_first_rows
from data.comments.conversion_plan import ConversionPlan, Sources, make_plan
from fairgate.errors import InputError

HEADER = "comment_text,toxicity\n"
GOOD = HEADER + "a,0\nb,1\nc,0\n"
SPLIT = "comment_text,toxicity,split\n"


def sources(folder: Path, train: str, evaluation: str = "") -> Sources:
    """Sources with these contents."""
    for name, content in (("a.csv", train), ("b.csv", evaluation)):
        folder.joinpath(name).write_text(content)
    return Sources((str(folder / "a.csv"),), (str(folder / "b.csv"),) if evaluation else ())


@pytest.mark.parametrize(
    ("train", "evaluation", "options"),
    [
        (HEADER, "", {}),
        (HEADER + "a,x\nb,y\n", "", {}),
        (GOOD + "d,x\n", "", {"max_malformed_fraction": 0.2}),
        (GOOD + '"d,0\n', "", {}),
        (SPLIT + "a,0,train\nb,1,dev\n", "", {}),
        (SPLIT + "a,0,train\nb,1,train\n", "", {}),
        (SPLIT + "a,0,test\nb,1,valid\n", "", {}),
        (GOOD, HEADER + "B,0\nd,1\n", {"shared_texts": "refuse"}),
        (GOOD, GOOD + "d,0\n", {}),
        (GOOD, HEADER + ",0\n", {}),
        (GOOD, HEADER + ",0\n,1\n", {}),
    ],
)
def test_small_files_fail_as_the_conversion_does(tmp_path: Path, train: str, evaluation: str, options: dict[str, float]) -> None:
    chosen = ConversionOptions(**options)  # type: ignore[arg-type]
    given = sources(tmp_path, train, evaluation)
    with pytest.raises(InputError) as early:
        check_first_rows(make_plan(given), chosen)
    with pytest.raises(InputError) as late:
        convert(given, tmp_path / "out", options=chosen)
    assert str(early.value) == str(late.value)


@pytest.mark.parametrize(
    ("train", "evaluation", "options"),
    [
        (GOOD, "", {}),
        (GOOD + "d,x\n", "", {"max_malformed_fraction": 0.25}),
        (SPLIT + "a,0,train\nb,1,valid\n", "", {}),
        (GOOD, HEADER + "B,0\nd,1\n", {}),
        (GOOD, GOOD + "d,0\n", {"shared_texts": "keep"}),
    ],
)
def test_files_that_convert_pass(tmp_path: Path, train: str, evaluation: str, options: dict[str, float]) -> None:
    given = sources(tmp_path, train, evaluation)
    check_first_rows(make_plan(given), ConversionOptions(**options))  # type: ignore[arg-type]


def test_one_text_cannot_be_divided(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"a.csv: all rows have the same text, .* no row for train .*; give more rows, or "):
        check_first_rows(make_plan(sources(tmp_path, HEADER + "a,0\nA,1\n")), ConversionOptions())


@pytest.mark.parametrize(("bad", "stops"), [(6, True), (5, False)])
def test_of_large_files_most_of_the_first_rows_decide(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bad: int, stops: bool
) -> None:
    """Ten rows are read; whatever comes behind them is not."""
    monkeypatch.setattr(conversion_checks, "_FIRST_ROWS", 10)
    rows = "a,x\n" * bad + "b,1\n" * (10 - bad)
    plan = make_plan(sources(tmp_path, HEADER + rows + "c,1\n" * 90))
    if not stops:
        check_first_rows(plan, ConversionOptions())
        return
    with pytest.raises(InputError) as refused:
        check_first_rows(plan, ConversionOptions())
    assert str(refused.value).startswith(
        "of the first rows, more than half are malformed: 10 rows read, 0 with empty text, 6 mal"
    )
    assert str(refused.value).endswith("; fix the rows, or leave them out with --set input.max_malformed_fraction=0.6")
    check_first_rows(plan, ConversionOptions(max_malformed_fraction=0.6))


def test_a_fault_behind_the_first_rows_of_another_file_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conversion_checks, "_FIRST_ROWS", 4)
    plan = make_plan(sources(tmp_path, HEADER + "a,1\n" * 90, HEADER + 'b,0\n"c,0\n'))
    with pytest.raises(InputError, match=r"b.csv: wrong quoting in the row that starts in line 3"):
        check_first_rows(plan, ConversionOptions())


def test_a_wide_file_is_read_for_a_few_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """So that the time does not grow with the columns."""
    monkeypatch.setattr(conversion_checks, "_FIRST_CELLS", 6)
    check_first_rows(make_plan(sources(tmp_path, HEADER + "a,1\n" * 3 + "b,x\n" * 90)), ConversionOptions())


def test_nothing_heavy_is_imported() -> None:
    code = "import sys, data.comments.conversion_checks; sys.exit('apache_beam' in sys.modules or 'tensorflow' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


class TestComplete:
    @pytest.fixture
    def plan(self, tmp_path: Path) -> ConversionPlan:
        return make_plan(sources(tmp_path, GOOD, HEADER + "d,0\n"))

    @pytest.fixture
    def tallies(self, plan: ConversionPlan) -> list[RowTally]:
        """Of blocks of two rows, with the ends."""
        hashed = TextHash(0.0, 0)
        return [convert_block(block, hashed).tally for source in plan.sources for block in read_blocks(source, 2)]

    def test_all_blocks_are_back(self, plan: ConversionPlan, tallies: list[RowTally]) -> None:
        check_complete(plan, tallies)
        assert [(tally.source, tally.number, tally.total, tally.read) for tally in tallies] == [
            (0, 0, None, 2),
            (0, 1, None, 1),
            (0, 2, 3, 0),
            (1, 0, None, 1),
            (1, 1, 1, 0),
        ]

    @pytest.mark.parametrize(
        ("lost", "message"),
        [
            (0, "a.csv: the workers cut it into 2 blocks with 3 rows, and 1 block with 1 row came back; run again"),
            (2, "a.csv: its end did not come back from the workers, 2 blocks with 3 rows came back; run again"),
            (3, "b.csv: the workers cut it into 1 block with 1 row, and 0 blocks with 0 rows came back; run again"),
        ],
    )
    def test_block_that_is_lost(self, plan: ConversionPlan, tallies: list[RowTally], lost: int, message: str) -> None:
        del tallies[lost]
        with pytest.raises(InputError, match=message):
            check_complete(plan, tallies)

    def test_rows_that_are_lost_from_a_block(self, plan: ConversionPlan, tallies: list[RowTally]) -> None:
        tallies[0].read = 1
        with pytest.raises(InputError, match="cut it into 2 blocks with 3 rows, and 2 blocks with 2 rows came back"):
            check_complete(plan, tallies)


@pytest.mark.parametrize("content", ["", HEADER + "a,0\n", GOOD.replace("a", "A", 1)], ids=["empty", "cut off", "of equal size"])
def test_worker_that_sees_another_content_says_so(tmp_path: Path, content: str) -> None:
    (source,) = make_plan(sources(tmp_path, GOOD)).sources
    (tmp_path / "a.csv").write_text(content)
    os.utime(tmp_path / "a.csv", ns=(1, 1))
    (end,) = read_blocks(source)
    said = f"other content \\(SHA-256 {source.file.sha256[:12]}…\\) than is read now \\([0-9a-f]{{12}}…, {len(content)} bytes\\)"
    assert re.search(f"^{tmp_path / 'a.csv'}: the run has seen {said}", end.fault)


def test_file_that_changes_while_it_is_read_is_refused_at_its_end(tmp_path: Path) -> None:
    """Its digest would name content that nobody has converted."""
    (source,) = make_plan(sources(tmp_path, GOOD)).sources
    blocks = read_blocks(source, block_rows=1)
    assert len(next(blocks).rows) == 1
    with (tmp_path / "a.csv").open("a") as file:
        file.write("appended,1\n")
    *_, end = blocks
    assert "other content" in end.fault
    assert "it was changed meanwhile" in end.fault


def test_worker_that_does_not_see_a_file_says_so(tmp_path: Path) -> None:
    (source,) = make_plan(sources(tmp_path, GOOD)).sources
    (tmp_path / "a.csv").unlink()
    (end,) = read_blocks(source)
    said = "cannot be read any more (No such file or directory); it was removed since, or a worker does not see it: run again"
    assert end.fault.startswith(f"{tmp_path / 'a.csv'}: {said}")
