"""TFDV with our options: exact for categories, texts are left alone."""

from typing import Any

import pyarrow as pa
import pytest
from tensorflow_data_validation import StatsOptions
from tensorflow_data_validation.statistics.stats_impl import generate_statistics_in_memory, get_generators

from components.validation.statistics_options import statistics_options


@pytest.fixture(scope="module")
def found() -> dict[str, Any]:
    """The statistics of 40,000 rows, feature -> its own; the options have passed through JSON, as in TFX."""
    rows = range(40_000)
    table = {"text": [[f"text {row}"] for row in rows], "gender": [[f"group {row % 5}"] if row % 4 else [] for row in rows]}
    options = StatsOptions.from_json(statistics_options(["text"]).to_json())
    result = generate_statistics_in_memory(pa.RecordBatch.from_pydict(table), options)
    return {feature.path.step[0]: feature for feature in result.datasets[0].features}


def test_categories_are_counted_exactly(found: dict[str, Any]) -> None:
    gender = found["gender"].string_stats
    assert gender.unique == 5
    assert [(value.value, value.frequency) for value in gender.top_values] == [
        (f"group {group}", 6000) for group in range(4, -1, -1)
    ]
    assert gender.common_stats.num_missing == 0


def test_texts_are_measured_and_their_values_not_counted(found: dict[str, Any]) -> None:
    text = found["text"].string_stats
    assert text.common_stats.num_non_missing == 40_000
    assert text.avg_length == pytest.approx(sum(len(f"text {row}") for row in range(40_000)) / 40_000)
    assert (text.unique, list(text.top_values)) == (0, [])


def test_no_generator_groups_the_rows_by_value() -> None:
    names = [generator.name for generator in get_generators(statistics_options(["text"]))]
    assert "TopKUniquesSketchStatsGenerator" in names
    assert "TopKUniquesStatsGenerator" not in names
