"""`fairgate predictions`: what is refused, left out, and typed afterwards. Whole runs are exported in the end-to-end tests."""

import shlex
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest

from components.evaluation.predictions_table import _check_names, _texts
from fairgate import manifest
from fairgate.cli import main as cli
from fairgate.errors import InputError
from fairgate.gate.policy import Policy
from fairgate.gate.presets import image_quality
from fairgate.gate.verdict import ModelInfo
from fairgate.model_facts import OperatingPoint
from fairgate.names import BASELINE, CANDIDATE
from pipeline import tasks
from pipeline.commands import predictions
from pipeline.commands.predictions import FinishedRun
from tests.pipeline.published import verdict_on, write_report

RULES = [
    {"id": "gap", "kind": "gap", "metric": "false_positive_rate", "thresholds": [0.5], "slices": ["gender:*"], "limit": 1.25},
    {"id": "swap", "kind": "counterfactual", "metric": "flip_rate", "thresholds": [0.5], "slices": ["swaps:*"], "limit": 0.1},
]


@pytest.fixture(scope="module")
def comments(tmp_path_factory: pytest.TempPathFactory) -> FinishedRun:
    """A run of the comments, without its examples."""
    task = tasks.find("civil-comments")
    models = {model: Path(model) for model in (BASELINE, CANDIDATE)}
    verdict = verdict_on("sha256:" + "0" * 64)
    policy = Policy.model_validate({"rules": RULES})
    folder = tmp_path_factory.mktemp("run")
    return FinishedRun(folder, folder / "reports" / "20260302T080000Z", task, task.evaluation, policy, verdict, models, folder)


def test_rules_on_swapped_terms_are_left_out_and_named(comments: FinishedRun) -> None:
    policy, left_out = predictions.judgeable(comments)
    assert [rule.id for rule in policy.rules] == ["gap"]
    assert left_out == {"swap": "no texts with exchanged terms are in a table"}


def test_rules_on_the_training_examples_are_left_out(comments: FinishedRun) -> None:
    digits = replace(comments, task=tasks.find("digits"), policy=image_quality(0.9, 0.5, 0.05))
    policy, left_out = predictions.judgeable(digits)
    assert left_out == {"train-test-gap": "no training examples are in a table"}
    assert len(policy.rules) == len(digits.policy.rules) - 1


def test_the_command_names_every_column_and_the_thresholds(comments: FinishedRun) -> None:
    run = replace(comments, evaluation=comments.evaluation.model_copy(update={"thresholds": (0.3, 0.55)}))
    typed = shlex.split(predictions.command(run, run.policy, Path("my predictions")))
    expected = ["fairgate", "evaluate", "my predictions/predictions.parquet", "--label", "label"]
    expected += ["--score", "baseline=score_baseline", "--score", "candidate=score_candidate"]
    expected += ["--slices", "gender,sexual_orientation,religion,race,disability", "--content", "content"]
    assert typed == [
        *expected,
        "--thresholds",
        "0.3,0.55",
        "--policy",
        "my predictions/policy.yaml",
        "--out",
        "my predictions-report",
    ]


def test_without_a_rule_that_can_be_judged_no_policy_is_named(comments: FinishedRun) -> None:
    run = replace(comments, policy=comments.policy.model_copy(update={"rules": comments.policy.rules[1:]}))
    policy, left_out = predictions.judgeable(run)
    assert "--policy" not in predictions.command(run, policy, Path("out"))
    lines = list(predictions._differences(run, policy, left_out))
    assert lines[1] == "No rule of the policy can be judged by a table; conventional limits decide instead."


def test_whatever_may_give_another_verdict_is_said(comments: FinishedRun) -> None:
    point = OperatingPoint(
        name="balanced", threshold=0.4, chosen_on="train", rows=9, false_positive_rate=0.1, false_negative_rate=0.1
    )
    waiver = {"rule": "auc", "slice": "overall", "until": "2027-01-01", "who": "A", "why": "B"}
    policy = Policy.model_validate(
        {"confidence": 0.9, "rules": [{"id": "auc", "kind": "quality", "metric": "auc", "min": 0.6}], "waivers": [waiver]}
    )
    verdict = comments.verdict.model_copy(update={"models": {CANDIDATE: ModelInfo(operating_point=point)}})
    evaluation = comments.evaluation.model_copy(update={"intersections": (("gender", "race"),)})
    lines = list(predictions._differences(replace(comments, verdict=verdict, evaluation=evaluation), policy, {}))
    starts = ["The policy has waivers", "The run measured intersections", "Intervals of metrics.parquet are at 0.9"]
    starts += ["The policy names no threshold: the run asked whether the model decides at 0.4"]
    for line, start in zip(lines, starts, strict=True):
        assert line.startswith(start)


def test_a_folder_with_anything_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "predictions.parquet").touch()
    assert predictions.check_place(tmp_path / "out") == tmp_path / "out"  # an earlier export is replaced
    (tmp_path / "out" / "thesis.tex").touch()
    with pytest.raises(InputError, match=r"holds thesis\.tex, which is not of an earlier export"):
        predictions.check_place(tmp_path / "out")
    with pytest.raises(InputError, match="is no folder"):
        predictions.check_place(tmp_path / "out" / "thesis.tex")
    with pytest.raises(InputError, match="the folder that you are in"):
        predictions.check_place(Path())


def test_nothing_is_left_of_an_export_that_fails(comments: FinishedRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: FinishedRun, file: Path) -> None:
        file.write_bytes(b"PAR1")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(predictions, "_write_table", full)
    with pytest.raises(InputError, match="No space left on device"):
        predictions.export(comments, tmp_path / "out")
    assert not list(tmp_path.iterdir())


def test_a_run_whose_files_were_changed_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    trained, published = tmp_path / "root" / "artifacts", tmp_path / "root" / "serving" / "1"
    for folder in (trained, published):
        folder.mkdir(parents=True)
        (folder / "saved_model.pb").write_text("graph")
    report = write_report(published)
    manifest.write(tmp_path / "root", report, report.name, {"models": [trained]})
    arguments = ["predictions", str(tmp_path / "root"), "--out", str(tmp_path / "out")]
    assert cli.main([*arguments, "--run", "20260302T080001Z"]) == 3
    assert "20260302T080000Z" in capsys.readouterr().err  # the nearest one
    (trained / "saved_model.pb").write_text("another graph")
    assert cli.main(arguments) == 3
    assert "saved_model.pb: changed (models)" in capsys.readouterr().err
    moved = report.rename(tmp_path / "copy")
    assert cli.main(["predictions", str(moved), "--out", str(tmp_path / "out")]) == 3
    assert "no report below the root of a run" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_a_feature_with_the_name_of_another_column_is_refused(comments: FinishedRun) -> None:
    settings = predictions.settings_of(comments)
    _check_names(["gender", "score"], comments.models, settings)
    with pytest.raises(InputError, match="'score_candidate' has the name of another column"):
        _check_names(["gender", "score_candidate"], comments.models, settings)


def test_values_of_a_feature_become_lists_of_text() -> None:
    several = pa.array([[b"male", b"female"], None, [], [b"male"]], pa.list_(pa.binary()))
    assert _texts(several, "gender").to_pylist() == [["male", "female"], None, None, ["male"]]
    assert _texts(pa.array([[1], [20]]), "age").to_pylist() == [["1"], ["20"]]
    assert _texts(pa.nulls(2), "race").to_pylist() == [None, None]
    with pytest.raises(InputError, match="The slice feature age holds numbers with a fraction"):
        _texts(pa.array([[1.5]]), "age")
