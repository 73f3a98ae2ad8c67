import numpy as np
import pytest

from components.evaluation.rows import COARSE_CELLS, FINE_CELLS, RowNames, binary_row, class_rows, keyed
from fairgate.counting.counts import Counts, observe
from fairgate.counting.settings import CountSettings
from fairgate.counting.slices import Membership
from fairgate.counting.tally import SliceTally

BINARY = CountSettings("toxicity", ("ok", "toxic"), "binary", thresholds=(0.3, 0.7))
CLASSES = CountSettings("label", ("a", "b"), "multiclass")
NAMES = RowNames("labels", "predictions", "example_weights")


def counted(settings: CountSettings, labels: list[int], answers: list[list[float]]) -> Counts:
    """The counts of examples of weight 1."""
    rows = np.arange(len(labels))
    tally = SliceTally(settings)
    observed = observe(np.array(labels), np.array(answers, np.float32), np.ones(len(labels)), settings)
    tally.add(Membership({(): rows}), [observed])
    return tally.counts()[()].models[0]


def test_there_is_an_element_per_label_and_decision_interval() -> None:
    """As heavy as its examples, with their mean score."""
    counts = counted(BINARY, [0, 0, 0, 1, 1], [[0.125], [0.25], [0.5], [0.5], [0.75]])
    ((labels, scores, weights),) = binary_row([counts], BINARY, COARSE_CELLS)
    assert list(zip(labels, scores, weights, strict=True)) == [(0, 0.1875, 2), (0, 0.5, 1), (1, 0.5, 1), (1, 0.75, 1)]


@pytest.mark.parametrize("limit", [COARSE_CELLS, FINE_CELLS])
def test_decisions_on_elements_are_those_on_examples(limit: int) -> None:
    """However coarse the row, an element is above a threshold exactly when its examples are."""
    generator = np.random.default_rng(0)
    answers = generator.choice(np.array([0.3, 0.7, 0.2999999, 0.30000003, 0.69999999, 0.70000005, 0.5], np.float32), 3000)
    labels = generator.integers(0, 2, 3000)
    counts = counted(BINARY, labels.tolist(), answers[:, None].tolist())
    ((found, scores, weights),) = binary_row([counts], BINARY, limit)
    for threshold in BINARY.thresholds:
        for label in (0, 1):
            assert (
                weights[(found == label) & (scores > threshold)].sum()
                == ((labels == label) & (answers.astype(np.float64) > threshold)).sum()
            )


def test_a_slice_without_valid_scores_has_an_element_without_weight() -> None:
    """TFMA cannot read empty arrays."""
    ((_, scores, weights),) = binary_row([counted(BINARY, [0, 1], [[np.nan], [np.inf]])], BINARY, COARSE_CELLS)
    np.testing.assert_array_equal(weights, [0])
    assert np.isfinite(scores).all()


def test_class_rows_keep_the_predicted_class() -> None:
    """Mean probabilities of a label and predicted class; the shorter list of two models is filled up without weight."""
    first = counted(CLASSES, [0, 0, 1], [[0.6, 0.4], [0.8, 0.2], [0.9, 0.1]])
    second = counted(CLASSES, [0, 0, 1], [[0.6, 0.4], [0.2, 0.8], [0.1, 0.9]])
    rows = list(class_rows([first, second], CLASSES))
    found = [[(row[model][0].item(), int(row[model][1].argmax()), row[model][2].item()) for row in rows] for model in (0, 1)]
    assert found == [[(0.0, 0, 2.0), (1.0, 0, 1.0), (1.0, 0, 0.0)], [(0.0, 0, 1.0), (0.0, 1, 1.0), (1.0, 1, 1.0)]]
    np.testing.assert_allclose(rows[0][0][1], [0.7, 0.3], rtol=1e-6)


def test_only_several_models_are_keyed_by_name() -> None:
    """As TFMA expects its extracts."""
    assert keyed(("",), [(1, 2, 3)], NAMES) == {"labels": 1, "predictions": 2, "example_weights": 3}
    assert keyed(("a", "b"), [(1, 2, 3), (4, 5, 6)], NAMES)["predictions"] == {"a": 2, "b": 5}
