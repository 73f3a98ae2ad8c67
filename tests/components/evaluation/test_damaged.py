"""An evaluation that was cut or changed after it was written: named, with the remedy, and never a traceback."""

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from components.evaluation.eval_config import eval_config
from components.evaluation.reading import read_evaluation, same_models
from fairgate.counting.config import EvaluationConfig, LabelSpec
from fairgate.errors import InputError

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def written(
    comment_files: Path, models: dict[str, Path], evaluate: Callable[..., Path], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """A whole evaluation of two models."""
    config = eval_config(LabelSpec("toxicity", ("ok", "toxic"), "binary"), EvaluationConfig(slice_features=("gender",)))
    both = {"candidate": models["square"], "baseline": models["tenths"]}
    return evaluate(comment_files, both, config, tmp_path_factory.mktemp("whole"))


@pytest.fixture
def copy(written: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(written, tmp_path / "evaluation"))


def metrics_of(folder: Path) -> Path:
    """The file that holds the counts."""
    (path,) = folder.glob("metrics*")
    return path


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-100])


def empty(path: Path) -> None:
    path.write_bytes(b"")


def flip(path: Path) -> None:
    written = bytearray(path.read_bytes())
    written[len(written) // 2] ^= 0xFF
    path.write_bytes(written)


def replace(path: Path) -> None:
    path.write_bytes(b"no record" * 40)


@pytest.mark.parametrize("damage", [cut, flip, replace])
def test_damaged_counts_are_an_error_with_the_remedy(copy: Path, damage: Callable[[Path], None]) -> None:
    damage(metrics_of(copy))
    named = re.escape(str(copy))
    with pytest.raises(
        InputError, match=f"(?s)^The evaluation at {named} cannot be read, since it was cut or changed .* Remove {named} and run"
    ):
        read_evaluation(copy)


def test_a_file_without_a_record_is_an_error(copy: Path) -> None:
    empty(metrics_of(copy))
    with pytest.raises(InputError, match=r"counted no example|cannot be read"):
        read_evaluation(copy)


def test_counts_that_are_missing_are_an_error(copy: Path) -> None:
    metrics_of(copy).unlink()
    with pytest.raises(InputError, match=re.escape(str(copy))):
        read_evaluation(copy)


@pytest.mark.parametrize("damage", [cut, empty, replace])
def test_a_damaged_configuration_is_an_error_with_the_remedy(copy: Path, damage: Callable[[Path], None]) -> None:
    damage(copy / "eval_config.json")
    with pytest.raises(InputError, match="cannot be read, since it was cut or changed"):
        read_evaluation(copy)
    with pytest.raises(InputError, match=r"Remove .* and run again"):
        same_models({str(copy): {}})


def test_counts_of_fewer_models_than_were_configured_are_an_error(copy: Path) -> None:
    """The configuration names a model that the counts lack."""
    path = copy / "eval_config.json"
    run = json.loads(path.read_text(encoding="utf-8"))
    run["evalConfig"]["modelSpecs"][0]["name"] = "another"
    path.write_text(json.dumps(run), encoding="utf-8")
    with pytest.raises(InputError, match=r"counts of \['baseline'\] where those of \['another', 'baseline'\] are expected"):
        read_evaluation(copy)
