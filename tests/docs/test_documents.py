"""The documents: what they name exists, and the README stays short."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
DOCUMENTS = sorted([*PROJECT.glob("*.md"), *(PROJECT / "docs").rglob("*.md"), *PROJECT.glob("[bk]*/README.md")])
FOLDERS = ("fairgate", "data", "components", "pipeline", "kubeflow", "tests", "docs", "scripts", "benchmarks", "notebooks")
PLACEHOLDER = re.compile(r"[<>*…]|NAME")
METRIC = "fairgate/examples"  # a metric of the Evaluator, no path


def named(document: Path) -> Iterator[str]:
    """Yield the paths in backticks that begin with a folder of the project."""
    for text in re.findall(r"`([^`\n]+)`", document.read_text(encoding="utf-8")):
        for word in text.split():
            if "/" in word and word != METRIC and word.split("/")[0] in FOLDERS and not PLACEHOLDER.search(word):
                yield word.rstrip(".,;:")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: str(document.relative_to(PROJECT)))
def test_paths_in_documents_exist(document: Path) -> None:
    """A moved file must not leave its old path in a document."""
    assert [path for path in named(document) if not (PROJECT / path).exists()] == []


def test_readme_is_short() -> None:
    """At most 150 lines."""
    assert len((PROJECT / "README.md").read_text(encoding="utf-8").splitlines()) <= 150
