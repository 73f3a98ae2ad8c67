"""Paths and patterns as users write them."""

from pathlib import Path

import pytest

from data.patterns import matching


@pytest.fixture(autouse=True)
def _files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (
        "a.csv",
        "b.csv",
        "c[1].csv",
        "c1.csv",
        "old [25]/x.csv",
        "old [25]/deep/y.csv",
        "old 2/x.csv",
        "-dash.csv",
        "n\n",
    ):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("a.csv", ["a.csv"]),
        ("./a.csv", ["a.csv"]),
        ("[ab].csv", ["a.csv", "b.csv"]),
        ("c[1].csv", ["c[1].csv"]),
        ("c?.csv", ["c1.csv"]),
        ("old [25]/*.csv", ["old [25]/x.csv"]),
        ("old [25]/**/*.csv", ["old [25]/deep/y.csv", "old [25]/x.csv"]),
        ("old [2]/*.csv", ["old 2/x.csv"]),
        ("*/x.csv", ["old 2/x.csv", "old [25]/x.csv"]),
        ("-dash.csv", ["-dash.csv"]),
        ("n\n", ["n\n"]),
        ("absent.csv", []),
        ("absent/*.csv", []),
        ("", []),
    ],
)
@pytest.mark.parametrize("absolute", [False, True])
def test_what_exists_is_meant_literally(tmp_path: Path, pattern: str, found: list[str], absolute: bool) -> None:
    """Everything else is a pattern, below the folders that exist."""
    base = tmp_path if absolute and pattern else Path()
    assert matching(str(base / pattern) if absolute and pattern else pattern) == [base / name for name in found]
