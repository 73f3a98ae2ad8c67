"""The seal of an exported model: what was trained is what is judged."""

from collections.abc import Callable
from pathlib import Path

import pytest
from tfx.types import standard_artifacts

from components.modelling.seal_check import check, record_scored, scored_otherwise, sealed_model
from components.modelling.sealing import seal
from fairgate.errors import InputError
from fairgate.files import folder_digest


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """A sealed model."""
    folder = tmp_path / "Format-Serving"
    (folder / "variables").mkdir(parents=True)
    (folder / "saved_model.pb").write_bytes(b"graph")
    (folder / "variables" / "variables.index").write_bytes(b"index")
    seal(folder)
    return folder


def test_model_as_it_was_trained(model: Path) -> None:
    """The seal lies beside the model, not in it: what is published has no part of ours."""
    found = check("candidate", model)
    assert (found.ok, found.reason) == (True, "The candidate is byte for byte the model that was trained.")
    assert sorted(path.name for path in model.parent.iterdir()) == ["Format-Serving", "Format-Serving.sha256"]


def flip(model: Path) -> None:
    """One bit of the weights."""
    (model / "variables" / "variables.index").write_bytes(b"indey")


def cut(model: Path) -> None:
    """The end of the graph."""
    (model / "saved_model.pb").write_bytes(b"gra")


def exchange(model: Path) -> None:
    """A folder of another model."""
    model.rename(model.with_name("old"))
    model.mkdir()
    (model / "saved_model.pb").write_bytes(b"another graph")


def remove(model: Path) -> None:
    """The whole folder."""
    model.rename(model.with_name("old"))


@pytest.mark.parametrize("damage", [flip, cut, exchange, remove])
def test_model_that_is_another_now(model: Path, damage: Callable[[Path], None]) -> None:
    """It is refused whatever its metrics are, with both digests."""
    damage(model)
    found = check("candidate", model)
    assert not found.ok
    assert found.reason.startswith("The candidate is not the model that was trained: ")


def test_model_without_a_seal(model: Path) -> None:
    """It did not come out of a training."""
    model.with_name("Format-Serving.sha256").unlink()
    found = check("baseline", model)
    assert (found.ok, found.reason) == (False, "The baseline has no seal of its training (Format-Serving.sha256).")


def test_sealed_model_is_read_where_it_lies(model: Path) -> None:
    assert sealed_model(str(model.parent)) == model


@pytest.mark.parametrize("damage", [flip, cut, exchange, remove])
def test_model_that_is_another_now_is_not_read(model: Path, damage: Callable[[Path], None]) -> None:
    damage(model)
    with pytest.raises(InputError, match="The model is not the model that was trained") as raised:
        sealed_model(str(model.parent))
    assert f"`rm -r {model.parent}`) and run again, which trains it again" in str(raised.value)


def test_measurement_of_these_models_has_nothing_against_them(model: Path) -> None:
    evaluation = standard_artifacts.ModelEvaluation()
    record_scored(evaluation, {"candidate": model, "baseline": model})
    assert list(scored_otherwise([evaluation], {"candidate": model, "baseline": model})) == []


def test_model_that_was_exchanged_with_its_seal_after_it_was_measured(model: Path) -> None:
    """The seal fits; the measurement is of another model."""
    evaluation = standard_artifacts.ModelEvaluation()
    evaluation.uri = "evaluation/7"
    before = folder_digest(model)
    record_scored(evaluation, {"candidate": model})
    flip(model)
    seal(model)
    assert check("candidate", model).ok
    (found,) = scored_otherwise([evaluation], {"candidate": model})
    reason = f"evaluation/7 was measured on the candidate {before}, not on {folder_digest(model)}."
    assert (found.name, found.ok, found.reason) == ("artifacts", False, reason)


def test_measurement_of_no_known_model_refuses(model: Path) -> None:
    (found,) = scored_otherwise([standard_artifacts.ModelEvaluation()], {"candidate": model})
    assert "was measured on the candidate of no digest" in found.reason
