"""The simulation of clustered examples."""

import numpy as np
import pytest

from benchmarks import clusters
from benchmarks.clusters import SETTINGS, ClusteredRows, SimulatedSetting


def drawn(name: str) -> ClusteredRows:
    """ClusteredRows of 400 tables of the setting that begins so."""
    (setting,) = [setting for setting in SETTINGS if setting.name.startswith(name)]
    return setting.draw(np.random.default_rng(1), 400)


@pytest.mark.parametrize("name", ["160 users × 5 rows", "80 users × 10 rows"])
def test_rows_of_one_user_resemble_each_other(name: str) -> None:
    """The rate is .2, and two rows of a user correlate by .3."""
    rows = drawn(name)
    each = rows.wrong.reshape(-1, 5 if name.startswith("160") else 10).astype(float)
    assert each.mean() == pytest.approx(0.2, abs=0.005)
    assert np.corrcoef(each[:, 0], each[:, 1])[0, 1] == pytest.approx(0.3, abs=0.02)
    assert np.all(np.bincount(rows.table) == 800)


def test_true_values_lie_on_the_limits() -> None:
    """A loss of .05 against the baseline, a ratio of 1.25 between the groups; also within each stratum."""
    paired = drawn("160 × 5, worse")
    assert paired.other is not None
    assert paired.wrong.mean() - paired.other.mean() == pytest.approx(0.05, abs=0.003)
    for name in ("ratio to the rest 1.25, 160 × 10, users of both", "the same within"):
        rows = drawn(name)
        assert rows.group is not None
        for stratum in (0, 1, 2) if rows.stratum is not None else (0,):
            inside = np.ones(rows.wrong.size, bool) if rows.stratum is None else rows.stratum == stratum
            rates = [rows.wrong[inside & (rows.group == group)].mean() for group in (1, 0)]
            assert rates[0] / rates[1] == pytest.approx(1.25, abs=0.03)


def test_a_violation_of_every_table_is_counted() -> None:
    """A limit of .05 where the rate is .2."""
    rows = drawn("400 rows, each twice")
    kept = rows.table < 5
    part = ClusteredRows(rows.table[kept], rows.user[kept], rows.wrong[kept])
    far = SimulatedSetting("", lambda *_: part, {"kind": "quality", **clusters.RATE, "max": 0.05})
    assert clusters.proven(part, far, with_clusters=True) == 5
