"""Paths are paths: no character in the name of a file or folder makes it a pattern, an option, an address or two arguments."""

import json
import shlex
import shutil
from pathlib import Path
from typing import Any

import pytest
import tensorflow as tf

import fairgate
from components.modelling.prediction import answers
from components.tasks.civil_comments.sentence_vectors import embed
from fairgate.cli import main as cli
from fairgate.cli import pipeline_commands
from fairgate.gate.presets import binary_fairness
from pipeline import config as configuration
from pipeline import local
from pipeline.progress import StepEnd, StepLog
from tests.fairgate.finished_run import RUN, write_run
from tests.fairgate.report.conftest import make_binary_content

NAMES = ("we[ir]d *?", 'it\'s "odd"', "#1 50%25&x", "ünï שלום", "-dash", "back\\slash", "line\n")
ROWS = "comment_text,target\n" + "".join(f"the text {number},{number % 2}\n" for number in range(60))


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The root of a finished run."""
    root = tmp_path_factory.mktemp("finished") / "root"
    write_run(root, make_binary_content(300, {"gender": ("male", "female")}), binary_fairness(("gender",)))
    return root


@pytest.fixture(params=NAMES)
def odd(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """An odd name, below a working folder with the same name; a neighbour that it would match as a pattern."""
    name: str = request.param
    (tmp_path / "weird x").mkdir()
    (tmp_path / name).mkdir()
    monkeypatch.chdir(tmp_path / name)
    return name


def test_run_in_a_folder_with_an_odd_name_is_read(
    finished: Path, odd: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """By every command of the library, and by the library; what is named is the folder that is meant."""
    shutil.copytree(finished, odd, symlinks=True)
    assert fairgate.load(odd).run == RUN
    assert cli.main(["check", f"./{odd}"]) == 0
    monkeypatch.setattr(pipeline_commands, "is_present", lambda: False)  # the manifest does not have its sources
    drawn = ("report", "report --history") if odd in (NAMES[0], NAMES[-1]) else ()  # a page takes most of a second
    for command in (*drawn, "verify", "plan"):
        assert (command, cli.main([*command.split(), "--", odd])) == (command, 0)
        printed = capsys.readouterr()
        assert (odd in printed.out, printed.err) == (True, "")


def test_comments_are_converted_between_odd_names(odd: str, capsys: pytest.CaptureFixture[str]) -> None:
    """By path and by pattern."""
    Path(odd).mkdir()
    Path(odd, f"{odd}.csv").write_text(ROWS)
    for number, train in enumerate((f"{odd}/{odd}.csv", f"{odd}/*.csv", f"{Path.cwd()}/{odd}/*.csv")):
        to = Path(odd, f"{odd}-{number}")
        assert cli.main(["data", "convert", "civil-comments", "--train", train, "--to", str(to)]) == 0
        assert json.loads((to / "conversion.json").read_text())["rows_kept"] == 60
    assert f"{odd}-2: 60 of 60 rows kept" in capsys.readouterr().out


def test_text_embedding_is_built_and_loaded_by_an_odd_name(odd: str, capsys: pytest.CaptureFixture[str]) -> None:
    """What the command advises can be typed, in a shell, and is read as it was meant."""
    Path(f"{odd}.txt").write_text("good 1 0\nbad 0 1\n")
    assert cli.main(["data", "embedding", "--vectors", f"{odd}.txt", "--to", odd]) == 0
    assert embed({"embedding": odd}, ["good"]).tolist() == [[1, 0]]
    advice = capsys.readouterr().out.partition("use it with ")[2].removesuffix("\n")
    option, setting = shlex.split(advice)
    given = {"input": {"sample": True}}
    config: Any = configuration.load("civil-comments", configuration.Overrides(settings=[setting], values=given))
    assert (option, config.training.embedding) == ("--set", odd)


class Constant(tf.Module):
    """A model with a variable, which gives every example the same score."""

    def __init__(self) -> None:
        """Makes the variable."""
        super().__init__()
        self._score = tf.Variable([[0.25]])

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="examples")])
    def serve(self, examples: tf.Tensor) -> dict[str, tf.Tensor]:
        """Scores."""
        return {"score": tf.repeat(self._score, tf.size(examples), axis=0)}


def test_model_with_an_odd_name_answers(odd: str) -> None:
    """TensorFlow looks for its variables by a pattern."""
    model = Constant()
    tf.saved_model.save(model, odd, signatures={"serving_default": model.serve})
    assert answers(Path(odd), [b"", b""], 1).tolist() == [[0.25], [0.25]]


@pytest.mark.no_cover
@pytest.mark.slow
def test_run_in_a_root_that_looks_like_a_pattern(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """Data, models, report and published model are in it; the second run finds all of them again."""
    values: dict[str, Any] = {
        "training": {"baseline": {"epochs": 3}, "candidate": {"epochs": 3}},
        "evaluation": {"splits": ["eval"]},
        "policy": {"rules": [{"id": "any", "kind": "quality", "metric": "accuracy", "min": 0.001}]},
    }
    name = "we[ir]d *?"
    (tmp_path / "weird x").mkdir()
    monkeypatch.chdir(tmp_path)
    steps: list[StepEnd] = []
    log = StepLog(lambda _: None, steps.append)
    for _ in range(2):
        steps.clear()
        result = local.run(configuration.load("digits", configuration.Overrides(values=values)), Path(name), (), log)
        assert result.report.parent == tmp_path / name / "reports"
        assert result.pushed is not None
        assert result.pushed.parent == tmp_path / name / "serving"
        assert cli.main(["verify", name]) == 0
        assert capfd.readouterr().out.endswith(f"{result.report}: unchanged since the run.\n")
    assert {step.step for step in steps if not step.cached} == {"Prepare"}
    assert sorted(path.name for path in tmp_path.iterdir()) == [name, "weird x"]
    assert list((tmp_path / "weird x").iterdir()) == []
