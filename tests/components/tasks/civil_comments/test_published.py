import pytest

from components.tasks.civil_comments.config import CommentsInput
from components.tasks.civil_comments.published import PUBLIC_ROWS, published

# As printed by the exercise: rate, model, overall, male, female.
PRINTED = [
    ("false_positive_rate", "baseline", 0.28, 0.51, 0.47),
    ("false_positive_rate", "candidate", 0.23, 0.28, 0.24),
    ("false_negative_rate", "baseline", 0.27, 0.13, 0.15),
    ("false_negative_rate", "candidate", 0.34, 0.33, 0.38),
]


def test_figures_are_those_of_the_exercise() -> None:
    found = published(None)
    assert found is not None
    lines = {(row["metric"], row["model"], row["slice"]): row["value"] for row in found.to_dict("records")}
    assert lines == {
        (metric, model, name): value
        for metric, model, *values in PRINTED
        for name, value in zip(("overall", "gender:male", "gender:female"), values, strict=True)
    }
    assert set(found["threshold"]) == {0.5}


@pytest.mark.parametrize(("rows", "known"), [(PUBLIC_ROWS, True), (PUBLIC_ROWS - 10_000, True), (60_000, False)])
def test_data_are_known_by_their_number_of_rows(rows: int, known: bool) -> None:
    assert (published({"train": rows - 1000, "eval": 1000}) is not None) == known


@pytest.mark.parametrize(
    ("train", "evaluation", "known"),
    [
        ("data/train_tf_processed.tfrecord", "data/validate_tf_processed.tfrecord", True),
        ("train_tf.tfrecord", "validate_tf.tfrecord", True),
        ("train_tf.tfrecord", "mine.tfrecord", False),
        ("validate_tf.tfrecord", "train_tf.tfrecord", False),
    ],
)
def test_files_are_known_by_their_names(train: str, evaluation: str, known: bool) -> None:
    assert CommentsInput(train=(train,), eval=(evaluation,)).published_files == known


def test_sample_is_no_published_file() -> None:
    assert not CommentsInput(sample=True).published_files
