"""N-gram models of examples that say little, and of examples with vectors beside their n-grams."""

import math
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from components.tasks.base import Recipe
from components.tasks.civil_comments import ngrams
from components.tasks.civil_comments.config import CommentsTraining, TargetRate
from components.tasks.civil_comments.ngrams import auc, train
from data.text import text_embedding
from fairgate.errors import InputError
from tests.components.tasks.civil_comments.made import Comment, comments, write_features

ONE_LABEL: list[Comment] = [(f"comment {row}".encode(), 0, ()) for row in range(12)]
EQUAL: list[Comment] = [(b"the same", row % 2, ()) for row in range(40)]
EMPTY: list[Comment] = [(b"", row % 2, ()) for row in range(40)]
NOISE: list[Comment] = [(f"word{row // 2} word{row // 2}".encode(), row % 2, ()) for row in range(80)]
NO_SIGNAL = "Out of fold the scores do not rise with the label: the words do not tell toxic comments from others."
VECTORS = "stupid 1 -0.5 0\nidiot 0.75 0 0.25\nnice -1 0.5 0.125\npeople 0 0.5 0.5\n"


REFUSED = {
    "one label": (ONE_LABEL, "none of the 12 examples has label 1"),
    "one row": ([(b"toxic", 1, ())], "none of the 1 examples has label 0"),
    "equal texts": (EQUAL, "the examples with label 0 are too few texts for 5-fold out-of-fold scores: all 20 lie in one fold"),
    "empty texts": (EMPTY, "the examples with label 0 are too few texts for 5-fold out-of-fold scores: all 20 lie in one fold"),
}


@pytest.fixture(scope="module", params=list(REFUSED.values()), ids=list(REFUSED))
def refused(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The features of rows that teach nothing, and the problem with them."""
    rows, problem = request.param
    return write_features(tmp_path_factory.mktemp("refused"), rows), problem


@pytest.mark.parametrize("recipe", ["baseline", "remediated", "reference"])
def test_rows_that_teach_nothing_are_refused_with_a_remedy(refused: tuple[Path, str], recipe: Recipe) -> None:
    folder, problem = refused
    with pytest.raises(InputError, match=rf"{problem}.*Give training files \(--train FILES\)"):
        train(folder, CommentsTraining(), recipe)


def test_a_label_that_was_changed_after_the_features_were_written_is_refused(tmp_path: Path) -> None:
    folder = write_features(tmp_path, comments(80))
    (labels,) = folder.glob("Split-train/*.labels.npy")
    np.save(labels, np.ones(80, np.uint8))
    with pytest.raises(InputError, match=r"split train has 80 rows, 80 of them toxic; written were 80 and .*`rm -r"):
        train(folder, CommentsTraining(), "baseline")


@pytest.mark.parametrize("name", ["features.json", "Split-train/*.words.values.npy"])
def test_a_file_that_is_missing_among_the_features_is_named_with_a_remedy(tmp_path: Path, name: str) -> None:
    folder = write_features(tmp_path, comments(80))
    (lost,) = folder.glob(name)
    lost.unlink()
    with pytest.raises(InputError, match=rf"{lost.name}: cannot be read \(FileNotFoundError\); remove .*`rm -r"):
        train(folder, CommentsTraining(), "baseline")


def test_a_model_without_signal_says_so(tmp_path: Path) -> None:
    model = train(write_features(tmp_path, NOISE), CommentsTraining(notes=("A note.",)), "baseline")
    assert model.metadata.notes == ("A note.", NO_SIGNAL)
    assert np.isfinite(model.weights.words).all()
    assert math.isfinite(model.weights.bias)


def test_cut_texts_of_all_splits_are_counted_in_the_notes(tmp_path: Path) -> None:
    long = b"stupid people " * 400
    folder = write_features(tmp_path, [*comments(80), (long, 1, ()), (long, 0, ())], [(long, 1, ()), *comments(20, seed=1)])
    assert train(folder, CommentsTraining(), "baseline").metadata.notes == ("3 texts were cut after 4,000 bytes.",)


def test_validation_without_the_label_that_the_operating_point_needs_is_refused(tmp_path: Path) -> None:
    folder = write_features(tmp_path, comments(80), [(b"stupid", 1, ())])
    with pytest.raises(InputError, match=r"validation: none of the 1 examples has label 0.*training\.operating_point=balanced"):
        train(folder, CommentsTraining(operating_point=TargetRate(target_fpr=0.1)), "baseline")
    point = train(folder, CommentsTraining(), "baseline").metadata.operating_point
    assert point is not None
    assert (point.false_positive_rate, point.rows) == (None, 1)


@pytest.mark.parametrize("held", [0, 60])
def test_the_scale_of_the_vectors_is_that_of_the_greatest_auc(
    tmp_path: Path, held: int, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(ngrams, "VECTOR_SCALES", (1e-9, 4.0))
    (tmp_path / "vectors.txt").write_text(VECTORS)
    embedding = str(text_embedding.build_from_vectors(tmp_path / "vectors.txt", tmp_path / "embedding"))
    folder = write_features(tmp_path, comments(150), comments(held, seed=1), embedding)
    with caplog.at_level("INFO", logger=ngrams.__name__):
        model = train(folder, CommentsTraining(embedding=embedding), "baseline")
    (aucs,) = (record.args for record in caplog.records if "AUC by scale" in record.msg)
    assert isinstance(aucs, dict)
    assert list(aucs) == [1e-9, 4.0]
    assert (np.abs(model.weights.vectors).max() > 1e-6) == (aucs[4.0] > aucs[1e-9])
    assert train(folder, CommentsTraining(embedding=embedding), "reference").weights.vectors.size == 0


@pytest.mark.parametrize("levels", [3, 1000])
def test_auc_is_that_of_scikit_learn(levels: int) -> None:
    rng = np.random.default_rng(1)
    labels, scores = (rng.random(300) < 0.3).astype(np.uint8), rng.integers(0, levels, 300).astype(float)
    assert auc(scores, labels) == pytest.approx(roc_auc_score(labels, scores), abs=1e-12)


@pytest.mark.parametrize("labels", [[], [1, 1], [0]])
def test_auc_of_one_label_is_nan(labels: list[int]) -> None:
    assert math.isnan(auc(np.zeros(len(labels)), np.array(labels, np.uint8)))
