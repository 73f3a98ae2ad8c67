"""Paths, patterns, folders and links: each file is read once, and what is none is named with what to type."""

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import fairgate
from fairgate.errors import InputError
from fairgate.judging.reading import expand
from fairgate.table import metric_frame


def _write(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("y,p\n1,0.5\n0,0.25\n")
    return path


def test_a_file_is_read_once_however_it_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Relative and absolute, by a pattern, through a link; the first name stays, in its place."""
    monkeypatch.chdir(tmp_path)
    first, second = _write(tmp_path / "b.csv"), _write(tmp_path / "a.csv")
    (tmp_path / "link.csv").symlink_to("b.csv")
    assert expand(["b.csv", str(second), str(first), "*.csv", "link.csv"]) == [Path("b.csv"), second]


@pytest.mark.parametrize("target", ["nowhere.csv", "link.csv"])
def test_a_link_to_nothing_is_named(target: str, tmp_path: Path) -> None:
    (tmp_path / "link.csv").symlink_to(target)
    for pattern in ("link.csv", "*.csv"):
        with pytest.raises(InputError, match=f"link.csv is a link to {target}, which is not there; name a file of predictions"):
            expand([str(tmp_path / pattern)])


@pytest.mark.parametrize(
    ("file", "pattern"),
    [
        ("a.csv", "*.csv"),
        ("split=test/part-0.parquet", "*/*.parquet"),
        ("year=2024/month=1/part", "*/*/*"),
        ("_SUCCESS", "*.parquet"),
    ],
)
def test_the_message_on_a_folder_names_the_files_in_it(file: str, pattern: str, tmp_path: Path) -> None:
    """What it says to type finds them, also where the name of the folder is a pattern."""
    folder = tmp_path / "t[1]"
    written = _write(folder / file)
    typed = str(tmp_path / "t[[]1]" / pattern)
    with pytest.raises(InputError) as refused:
        expand([str(folder)])
    assert str(refused.value) == f"{folder} is a folder; name the files in it, such as {typed!r}."
    if file != "_SUCCESS":
        assert expand([typed]) == [written]


def test_two_stars_are_folders_of_any_depth(tmp_path: Path) -> None:
    written = [_write(tmp_path / "a.csv"), _write(tmp_path / "b" / "c" / "d.csv")]
    assert expand([str(tmp_path / "**" / "*.csv")]) == written


def test_columns_of_a_pattern_may_stand_in_another_order_in_other_files(tmp_path: Path) -> None:
    """The order is that of the first file."""
    random = np.random.default_rng(1)
    scores = random.dirichlet([1, 1, 1], 60)
    table = pd.DataFrame(
        {"y": random.choice(["a", "b", "c"], 60), **{f"p_{name}": scores[:, at] for at, name in enumerate("cab")}}
    )
    table[:20].to_csv(tmp_path / "1.csv", index=False)
    pq.write_table(pa.Table.from_pandas(table[20:][table.columns[::-1]], preserve_index=False), tmp_path / "2.parquet")
    found, expected = (
        metric_frame(fairgate.evaluate(each, label="y", scores="p_*").counted.evaluation, 0.95)
        for each in (str(tmp_path / "*"), table)
    )
    assert [row["value"] for row in found.rows()] == pytest.approx([row["value"] for row in expected.rows()], nan_ok=True)
