"""Configuration of the toxicity task."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from components.tasks.civil_comments.config import CommentsInput, CommentsTraining
from data.opening import TextFormat


def test_defaults_are_those_of_the_published_reference() -> None:
    """Two dense layers, Adagrad at 0.003, batches of 512, 1,000 steps."""
    training = CommentsTraining()
    assert (training.hidden, training.learning_rate) == ((500, 100), 0.003)
    assert (training.batch_size, training.steps) == (512, 1000)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"sample": True, "train": ("a.csv",)}, "give no train or eval files with it"),
        ({"sample": True, "eval": ("a.csv",)}, "give no train or eval files with it"),
        ({"eval": ("a.csv",)}, "eval files need train files beside them"),
        ({"eval_fraction": 0}, "eval_fraction"),
        ({"eval_fraction": 1}, "eval_fraction"),
        ({"max_malformed_fraction": 1.1}, "max_malformed_fraction"),
        ({"sample_train_rows": 10}, "sample_train_rows"),
    ],
)
def test_sources_that_contradict_each_other_are_refused(values: dict[str, object], message: str) -> None:
    """One source, and shares that are shares."""
    with pytest.raises(ValidationError, match=message):
        CommentsInput.model_validate(values)


@pytest.mark.parametrize(
    ("key", "value"),
    [("learning_rate", 0), ("batch_size", 0), ("steps", 0), ("validation_share", 0.6), ("patience", 0), ("hidden", "wide")],
)
def test_impossible_training_is_refused(key: str, value: object) -> None:
    """Each by its name."""
    with pytest.raises(ValidationError, match=key):
        CommentsTraining.model_validate({key: value})


@pytest.mark.parametrize("point", [2, 0.05, "x", None, True])
def test_an_unknown_operating_point_is_answered_with_the_known_ones(point: object) -> None:
    with pytest.raises(ValidationError, match=r"balanced, max_f1, .* training\.operating_point\.target_fpr=0\.05"):
        CommentsTraining.model_validate({"operating_point": point})


@pytest.mark.parametrize("option", [{"operating_point": "max_f1"}, {"operating_point": {"target_fpr": 0.05}}, {"strength": 4}])
def test_the_network_refuses_options_that_it_would_ignore(option: dict[str, object]) -> None:
    with pytest.raises(ValidationError, match=f"the model dnn has no training.{next(iter(option))}; remove the option"):
        CommentsTraining.model_validate({"model": "dnn", **option})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of files, one of which has a name that looks like a glob."""
    for name in ("b.csv", "a.csv", "part[1].csv"):
        (tmp_path / name).touch()
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "c.csv").touch()
    return tmp_path


def test_run_needs_comments() -> None:
    """The configuration alone does not."""
    assert CommentsInput().missing_inputs() == [
        "No comments to work on. Give --train FILES (CSV or TFRecord), or --sample to generate some without files."
    ]


def test_sample_lacks_nothing() -> None:
    """It needs no files."""
    assert CommentsInput(sample=True).missing_inputs() == []


def test_absent_files_are_named(folder: Path) -> None:
    """All of them, of train and of eval."""
    there, pattern, gone = str(folder / "a.csv"), str(folder / "x*.csv"), str(folder / "gone.csv")
    remedy = "no such file; give an existing file, or a glob in quotes such as 'folder/*.csv'."
    assert CommentsInput(train=(there, pattern), eval=(gone,)).missing_inputs() == [f"{pattern}: {remedy}", f"{gone}: {remedy}"]


@pytest.mark.parametrize(
    ("embedding", "built"),
    [
        ("auto", False),
        ("training-text", False),
        ("vectors.txt", False),
        ("https://tfhub.dev/google/nnlm-en-dim128/2", True),
        ("/mnt/fairgate/embedding", True),
    ],
)
def test_an_engine_that_prepares_nothing_needs_a_built_embedding(embedding: str, built: bool) -> None:
    """The message names the setting and the command that builds one."""
    problems = CommentsTraining(embedding=embedding, model="dnn").unresolved_inputs()
    assert (problems == []) == built
    assert all(f"training.embedding={embedding}" in problem and "fairgate data embedding" in problem for problem in problems)


@pytest.mark.parametrize(
    ("model", "embedding", "embeds"),
    [
        ("ngrams", "auto", False),
        ("ngrams", "", False),
        ("ngrams", "training-text", True),
        ("ngrams", "vectors.txt", True),
        ("dnn", "auto", True),
    ],
)
def test_ngrams_embed_no_text_unless_an_embedding_is_named(model: str, embedding: str, embeds: bool) -> None:
    """So that nothing has to be built for an engine that prepares nothing."""
    training = CommentsTraining.model_validate({"model": model, "embedding": embedding})
    assert training.embeds_text == embeds
    assert (training.unresolved_inputs() == []) == (not embeds)


def test_only_the_sample_is_generated() -> None:
    """Reports say it."""
    assert CommentsInput(sample=True).generated
    assert not CommentsInput(train=("a.csv",)).generated


@pytest.mark.parametrize(("steps", "taken"), [(None, 40), (0, 40), (7, 7), (90, 90)])
def test_steps_of_a_submitted_run_take_the_place_of_the_configured_ones(steps: int | None, taken: int) -> None:
    """TFX hands over None where none were given."""
    assert CommentsTraining(steps=40).in_steps(steps).steps == taken


@pytest.mark.parametrize(
    ("embedding", "message"),
    [
        ("http://tfhub.dev/google/nnlm-en-dim128/2", "only https is allowed"),
        ("https://user:word@models.example/nnlm", "an address with user or password is not supported"),
    ],
)
def test_addresses_that_are_not_safe(embedding: str, message: str) -> None:
    """What lies there is run, and the address is written into reports."""
    with pytest.raises(ValidationError, match=message):
        CommentsTraining(embedding=embedding)


def test_one_column_is_not_read_as_two() -> None:
    with pytest.raises(ValidationError, match="read both as female and as male"):
        CommentsInput(train=("a.csv",), columns={"female": "x", "male": "x"})


@pytest.mark.parametrize(
    ("values", "text_format"),
    [
        ({}, TextFormat("", "")),
        ({"delimiter": "tab", "encoding": "cp1252"}, TextFormat("\t", "cp1252")),
        ({"delimiter": ";"}, TextFormat(";", "")),
    ],
)
def test_separator_and_encoding_of_the_files(values: dict[str, str], text_format: TextFormat) -> None:
    assert CommentsInput(train=("a.csv",), **values).text_format == text_format


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"delimiter": "semicolon"}, "delimiter is 'semicolon'; give one of"),
        ({"delimiter": "none"}, "a text without columns has no labels; give a table"),
        ({"encoding": "ansi-1"}, "there is no encoding 'ansi-1'"),
    ],
)
def test_unknown_separators_and_encodings_are_refused(values: dict[str, str], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        CommentsInput(train=("a.csv",), **values)


def test_a_hyphen_is_the_standard_input() -> None:
    assert CommentsInput(train=("-", "a.csv"), eval=("-x",)).train == ("/dev/stdin", "a.csv")


def test_an_empty_name_is_no_file() -> None:
    with pytest.raises(ValidationError, match="a name is empty, perhaps of a variable that is not set; name a file: --eval FILE"):
        CommentsInput(train=("a.csv",), eval=(" ",))


def test_scales_have_two_ends() -> None:
    assert CommentsInput(label_scales={"a": (1, 5)}).column_names.scales["a"].most == 5
    with pytest.raises(ValidationError, match="the scale of 'a' starts and ends at 1; name its two ends"):
        CommentsInput(label_scales={"a": (1, 1)})
