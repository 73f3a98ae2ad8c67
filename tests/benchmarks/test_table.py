"""Test the sides of the benchmark of tables on a small one."""

from pathlib import Path

import numpy as np
import pytest
from pyarrow import parquet
from sklearn.metrics import roc_auc_score

from benchmarks import table


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return table.make(tmp_path_factory.mktemp("table") / "2000.parquet", 2000)


def test_a_table_has_a_label_two_scores_and_overlapping_groups(made: Path) -> None:
    found = parquet.read_table(made).to_pandas()
    assert list(found.columns) == ["y", "baseline", "candidate", *table.GROUPS]
    assert 0.05 < found["y"].mean() < 0.2
    assert found["candidate"].dtype == np.float32
    assert found[list(table.GROUPS)].sum(axis=1).max() > 1
    assert table.make(made, 5).stat().st_size == made.stat().st_size  # a table that is there is kept


def test_the_bare_side_computes_exact_areas(made: Path) -> None:
    """Those of scikit-learn, and DeLong's error, which is about the spread of the difference in resampled tables."""
    found = parquet.read_table(made).to_pandas()
    label = found["y"].to_numpy()
    scores = [found[model].to_numpy() for model in table.MODELS]
    ranks = [np.unique(of_model, return_inverse=True)[1].ravel() for of_model in scores]
    areas, error = table._delong(label, ranks)
    np.testing.assert_allclose(areas, [roc_auc_score(label, of_model) for of_model in scores], atol=1e-12)
    assert 0.002 < error < 0.03


def test_sides_are_timed_from_outside(made: Path) -> None:
    seconds, peak = table.measure("bare", made)
    assert seconds > 0.05
    assert peak > 20_000_000
