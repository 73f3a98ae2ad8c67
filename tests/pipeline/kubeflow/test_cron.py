"""Cron expressions as Kubeflow Pipelines reads them, in another zone where need be."""

import re
from datetime import datetime, timezone

import pytest

from fairgate.errors import InputError
from pipeline.kubeflow.cron import for_kubeflow

NOW = datetime(2026, 11, 22, tzinfo=timezone.utc)

SAME_ZONE = {
    "0 3 * * 1": "0 0 3 * * 1",
    "*/15 * * * *": "0 0,15,30,45 * * * *",
    "5-9/2 0 1,15 jan-mar *": "0 5,7,9 0 1,15 1,2,3 *",
    "0 3 * * MON-FRI": "0 0 3 * * 1,2,3,4,5",
    "0 3 * * 7": "0 0 3 * * 0",
    "0 3 * * 5-7": "0 0 3 * * 0,5,6",
    "0 20/2 * * *": "0 0 20,22 * * *",
    "0 0 * * 0-7": "0 0 0 * * *",
}


@pytest.mark.parametrize("expression", SAME_ZONE)
def test_five_fields_become_six(expression: str) -> None:
    """The seconds come first; Sunday is 0; what is everything is a star."""
    assert for_kubeflow(expression, "UTC", "UTC", NOW) == SAME_ZONE[expression]


MOVED = {
    ("0 3 * * 1", "Asia/Tokyo"): "0 0 18 * * 0",  # nine hours ahead: still Sunday in UTC
    ("30 22 * * SUN", "America/Bogota"): "0 30 3 * * 1",  # five hours behind: Monday in UTC
    ("0 9 * * *", "Asia/Kolkata"): "0 30 3 * * *",
    ("0,15 9 * * *", "Asia/Kathmandu"): "0 15,30 3 * * *",
    ("0 */6 * * *", "Asia/Tokyo"): "0 0 3,9,15,21 * * *",
    ("0 12 1 * *", "Asia/Tokyo"): "0 0 3 1 * *",
    ("0 12 1 1 *", "Etc/UTC"): "0 0 12 1 1 *",
}


@pytest.mark.parametrize(("expression", "zone"), MOVED)
def test_schedule_is_moved_to_the_clusters_zone(expression: str, zone: str) -> None:
    """With its weekdays."""
    assert for_kubeflow(expression, zone, "UTC", NOW) == MOVED[expression, zone]


def test_cluster_in_the_same_zone_needs_no_move() -> None:
    """Summer time is the cluster's affair then; zones with the same clock count as the same."""
    assert for_kubeflow("0 3 * * 1", "Europe/Berlin", "Europe/Berlin", NOW) == "0 0 3 * * 1"
    assert for_kubeflow("0 3 * * 1", "Europe/Berlin", "Europe/Paris", NOW) == "0 0 3 * * 1"


@pytest.mark.parametrize(
    ("expression", "zone", "words"),
    [
        ("0 3 * * 1", "Europe/Berlin", "changes during the year"),
        ("0 3 1 * *", "Asia/Tokyo", "falls on another day"),
        ("0 3,12 * * 1", "Asia/Tokyo", "falls on another day"),
        ("0,30 9,11 * * *", "Asia/Kolkata", "no longer fit together"),
        ("0 3 * * 1", "Europe/Atlantis", "no time zone 'Europe/Atlantis'"),
        ("0 3 * * 1", "../etc/passwd", "no time zone"),
        ("0 3 * *", "UTC", "has 4 fields; give five"),
        ("0 0 3 * * 1", "UTC", "has 6 fields; give five"),
        ("@daily", "UTC", "has 1 field; give five: minute hour day month weekday, as in '0 0 * * *'."),
        ("nightly", "UTC", "has 1 field; give five: minute hour day month weekday, as in '0 3 * * 1'."),
        ("60 3 * * 1", "UTC", "'60' is no minute from 0 to 59"),
        ("0 3 * * 8", "UTC", "'8' is no weekday from 0 to 7"),
        ("0 3 0 * *", "UTC", "'0' is no day from 1 to 31"),
        ("0 3 * JAN-FOO *", "UTC", "'FOO' is no month"),
        ("0 3 * * FRI-MON", "UTC", "'FRI-MON' is no weekday"),
        ("*/0 3 * * 1", "UTC", "'*/0' is no minute"),
        ("-1 3 * * 1", "UTC", "'' is no minute"),
        ("² 3 * * 1", "UTC", "'²' is no minute"),
        ("0 3 13 * FRI", "UTC", "disagree on a day and a weekday"),
    ],
)
def test_what_cannot_be_said_is_refused(expression: str, zone: str, words: str) -> None:
    """With what to do instead."""
    with pytest.raises(InputError, match=re.escape(words)):
        for_kubeflow(expression, zone, "UTC", NOW)
