"""What the gate looks at besides metrics: that the evaluation is of the models that it judges."""

import json
from pathlib import Path

import pytest

from components.evaluation.reading import same_models

MODELS = {
    "baseline": "artifacts/TrainerBaseline/model/7/Format-Serving",
    "candidate": "artifacts/TrainerCandidate/model/8/Format-Serving",
}


def evaluation(folder: Path, models: dict[str, str]) -> str:
    """What TFMA writes of the models that it scored."""
    folder.mkdir(exist_ok=True)
    (folder / "eval_config.json").write_text(json.dumps({"evalConfig": {}, "version": "0.47.1", "modelLocations": models}))
    return str(folder)


def test_evaluation_of_these_models(tmp_path: Path) -> None:
    """By the folders that they lie in, however these are written."""
    written = {name: f"./x/../{path}" for name, path in MODELS.items()}
    found = same_models({evaluation(tmp_path, written): MODELS})
    assert (found.ok, found.reason) == (True, "The evaluation scored the models that are judged.")


@pytest.mark.parametrize(
    "scored",
    [
        {"baseline": MODELS["candidate"], "candidate": MODELS["baseline"]},
        {"baseline": MODELS["candidate"], "candidate": MODELS["candidate"]},
        {"baseline": MODELS["baseline"], "candidate": MODELS["baseline"]},
        {**MODELS, "candidate": "artifacts/TrainerCandidate/model/6/Format-Serving"},
        {**MODELS, "baseline": "elsewhere"},
        {"candidate": MODELS["candidate"]},
        {"baseline": MODELS["baseline"]},
        {},
    ],
    ids=["swapped", "candidate twice", "baseline twice", "an earlier candidate", "another baseline", "one", "the other", "none"],
)
def test_evaluation_of_other_models_refuses(tmp_path: Path, scored: dict[str, str]) -> None:
    """Of one split is enough; the reason names what was scored instead."""
    found = same_models({evaluation(tmp_path, MODELS): MODELS, evaluation(tmp_path / "train", scored): MODELS})
    assert not found.ok
    assert found.reason.startswith(f"The evaluation at {tmp_path / 'train'} scored ")


def test_each_evaluation_has_models_of_its_own(tmp_path: Path) -> None:
    """That of the reference has it in the place of the baseline."""
    beside = {"reference": "artifacts/TrainerReference/model/9/Format-Serving", "candidate": MODELS["candidate"]}
    uris = [evaluation(tmp_path, MODELS), evaluation(tmp_path / "reference", beside)]
    assert same_models(dict(zip(uris, (MODELS, beside), strict=True))).ok
    found = same_models(dict.fromkeys(uris, MODELS))
    assert (found.ok, found.reason) == (
        False,
        f"The evaluation at {uris[1]} scored nothing as the baseline, not {MODELS['baseline']}.",
    )


def test_folder_without_an_evaluation_refuses(tmp_path: Path) -> None:
    """Nothing was scored."""
    assert not same_models({str(tmp_path): MODELS}).ok
