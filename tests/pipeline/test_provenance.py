"""Source digests: they change with what a module can see, and with nothing else."""

from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline import provenance
from pipeline.provenance import dotted_name, source_digest

Write = Callable[[str, str], None]
PROJECT = Path(__file__).resolve().parents[2]


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    """Writes files of a project of three packages, `first`, `second` and `third`, which counts as ours."""
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(provenance, "OURS", ("first", "second", "third"))

    def written(name: str, text: str) -> None:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    for package in ("first", "second", "third"):
        written(f"{package}/__init__.py", "")
    return written


IMPORTS = [
    "import second.step",
    "import second.step as s",
    "from second import step",
    "from second.step import LIMIT",
    "from second.step import LIMIT as L",
    "def run():\n    from second import step",
    "if False:\n    import second.step",
]


@pytest.mark.parametrize("statement", IMPORTS)
def test_changed_constant_of_an_imported_module_changes_the_digest(write: Write, statement: str) -> None:
    """However it is imported."""
    write("first/start.py", statement)
    write("second/step.py", "LIMIT = 1")
    before = source_digest("first.start")
    write("second/step.py", "LIMIT = 2")
    assert source_digest("first.start") != before


def test_imports_are_followed_through_other_modules(write: Write) -> None:
    """A step sees what its helpers see."""
    write("first/start.py", "from second.step import run")
    write("second/step.py", "import third.table")
    write("third/table.py", "WEIGHT = 0.4")
    before = source_digest("first.start")
    write("third/table.py", "WEIGHT = 0.5")
    assert source_digest("first.start") != before


def test_import_that_appears_counts(write: Write) -> None:
    """The closure is computed again, not remembered."""
    write("first/start.py", "")
    write("second/step.py", "LIMIT = 1")
    source_digest("first.start")
    write("first/start.py", "import second.step")
    before = source_digest("first.start")
    write("second/step.py", "LIMIT = 2")
    assert source_digest("first.start") != before


def test_module_that_is_not_imported_does_not_count(write: Write) -> None:
    """A change elsewhere leaves the cache alone."""
    write("first/start.py", "from second.step import run")
    write("second/step.py", "")
    write("second/other.py", "LIMIT = 1")
    before = source_digest("first.start")
    write("second/other.py", "LIMIT = 2")
    assert source_digest("first.start") == before


def test_code_of_the_package_itself_counts(write: Write) -> None:
    """Importing a module runs the __init__.py of its packages."""
    write("first/start.py", "from second.step import run")
    write("second/step.py", "")
    before = source_digest("first.start")
    write("second/__init__.py", "LIMIT = 2")
    assert source_digest("first.start") != before


def test_assets_beside_a_module_count(write: Write) -> None:
    """A page is made of its style as much as of its code."""
    write("first/page.py", "")
    write("first/assets/page.css", "p { color: black }")
    before = source_digest("first.page")
    write("first/assets/page.css", "p { color: white }")
    assert source_digest("first.page") != before


def test_code_compiled_beside_assets_does_not_count(write: Write) -> None:
    """Else a first run, which compiles, would make the second one work again."""
    write("first/page.py", "")
    write("first/assets/page.html", "<p>")
    before = source_digest("first.page")
    write("first/assets/__pycache__/page.cache", "compiled")
    assert source_digest("first.page") == before


def test_circles_end(write: Write) -> None:
    """Two modules may import each other."""
    write("first/start.py", "import second.step")
    write("second/step.py", "import first.start")
    assert source_digest("first.start") == source_digest("second.step")


def test_nothing_is_imported(write: Write) -> None:
    """Looking at a module must not run it: it may need TensorFlow."""
    write("first/start.py", "from second.step import run")
    write("second/step.py", "raise RuntimeError('was imported')")
    assert len(source_digest("first.start")) == 16


def test_several_modules_and_their_order(write: Write) -> None:
    """The digest is of a set of modules."""
    write("first/start.py", "")
    write("second/step.py", "LIMIT = 1")
    assert source_digest("first.start", "second.step") == source_digest("second.step", "first.start")
    assert source_digest("first.start", "second.step") != source_digest("first.start")


OUTSIDE = [
    "from outside.inner.step import LIMIT",
    "from .step import LIMIT",
    "from . import step",
    "from ..inner.step import LIMIT",
]


@pytest.mark.parametrize("statement", OUTSIDE)
def test_package_of_an_installed_task_is_followed(write: Write, statement: str) -> None:
    """A digest that starts in another package covers that package too, relative imports included."""
    write("outside/__init__.py", "")
    write("outside/inner/__init__.py", "")
    write("outside/inner/start.py", statement)
    write("outside/inner/step.py", "LIMIT = 1")
    before = source_digest("outside.inner.start")
    write("outside/inner/step.py", "LIMIT = 2")
    assert source_digest("outside.inner.start") != before


def test_task_in_a_single_module_counts(write: Write) -> None:
    """It has no package around it."""
    write("outside_alone.py", "from second.step import LIMIT")
    write("second/step.py", "LIMIT = 1")
    first = source_digest("outside_alone")
    write("second/step.py", "LIMIT = 2")
    second = source_digest("outside_alone")
    write("outside_alone.py", "from second.step import LIMIT  # changed")
    assert len({first, second, source_digest("outside_alone")}) == 3


def test_dotted_name_is_the_importable_one() -> None:
    """As TFX wants it."""
    assert dotted_name(source_digest) == "pipeline.provenance.source_digest"


@pytest.mark.parametrize(
    ("step", "sees", "does_not_see"),
    [
        (
            "components.tasks.civil_comments.preprocessing",
            "components.remedies.reweighting",
            "components.tasks.civil_comments.model",
        ),
        ("components.tasks.civil_comments.trainer", "components.tasks.civil_comments.model", "components.remedies.reweighting"),
        ("components.steps.data_gate", "components.validation.decision", "components.tasks.civil_comments.model"),
        ("components.steps.fairness_gate", "fairgate.gate.decision", "components.tasks.civil_comments.trainer"),
    ],
)
def test_steps_of_this_project_see_what_they_use(step: str, sees: str, does_not_see: str) -> None:
    """A changed weighting runs Transform again and leaves the rest to follow from its output."""
    closure = {".".join(path.relative_to(PROJECT).with_suffix("").parts) for path in provenance.reach(step)}
    assert sees in closure
    assert does_not_see not in closure
