"""Test what is said of the AUCs of long tables."""

import json
import re
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import fairgate
from fairgate import prediction_counter
from fairgate.errors import InputError
from fairgate.judging.judgement import Judgement
from fairgate.measurement import MetricKey

LABELS = np.arange(3000) % 3 == 0


def _judged(auc: str | None) -> Judgement:
    scores = np.random.default_rng(0).beta(2, 2, LABELS.size) * 0.7 + 0.3 * LABELS
    return fairgate.evaluate({"y": LABELS, "p": scores}, label="y", scores="p", auc=auc)  # type: ignore[arg-type]


def test_areas_of_tables_come_with_their_greatest_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """Which they keep; exact ones are told apart by no note."""
    monkeypatch.setattr(prediction_counter, "LONG_BINS", 10)
    exact, cells = _judged("exact"), _judged("cells")
    areas = [each.counted.evaluation.models["candidate"]["overall"].scalars[MetricKey("auc")].value for each in (exact, cells)]
    (note,) = cells.verdict.models["candidate"].notes
    found = re.search(r"off by (0\.0*[0-9]{1,2}) at most", note)
    assert found is not None
    assert 0 < abs(areas[0] - areas[1]) <= float(found[1]) < 0.01
    assert exact.verdict.models["candidate"].notes == _judged(None).verdict.models["candidate"].notes == ()
    assert _judged(None).counted.evaluation.models == exact.counted.evaluation.models


def test_tables_that_hold_every_score_have_no_error() -> None:
    assert _judged("cells").verdict.models["candidate"].notes == ()


def test_what_was_asked_for_is_in_the_configuration() -> None:
    assert json.loads(_judged("cells").configuration)["auc"] == "cells"
    assert "auc" not in json.loads(_judged(None).configuration)


def test_a_kind_of_area_that_is_unknown_is_refused() -> None:
    with pytest.raises(InputError, match=r"'binned'.*exact.*cells"):
        _judged("binned")


@pytest.mark.parametrize(("where", "exact"), [("", False), ("y >= 0", True)])
def test_a_file_that_says_that_it_is_long_is_counted_in_tables_from_the_start(
    where: str, exact: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where no condition may leave few of its rows."""
    pq.write_table(pa.table({"y": [0, 1] * 60, "p": np.linspace(0.01, 0.99, 120)}), tmp_path / "p.parquet")
    monkeypatch.setattr("fairgate.judging.request.EXACT_ROWS", 119)
    found = fairgate.evaluate(tmp_path / "p.parquet", label="y", scores="p", where=where or None)
    assert bool(found.counted.detail.aucs) is exact
