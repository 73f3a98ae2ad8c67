"""The agreement of tags with a reference: exact on small tables, and on the real comments as docs/data.md states it."""

import math
from pathlib import Path

from benchmarks.tagging import ANNOTATED, TARGETED, Agreement, agreements, annotated, per_second, table, targeted

MALE, FEMALE = frozenset({"male"}), frozenset({"female"})


def test_agreement_counts_tags_and_annotations() -> None:
    rows = [("a man", MALE), ("men", FEMALE), ("nobody", MALE), ("nothing", frozenset[str]())]
    found = agreements(rows, ["male", "female", "hindu"])
    assert found == [Agreement("male", 4, 1, 1, 1), Agreement("female", 4, 0, 0, 1), Agreement("all", 4, 1, 1, 2)]
    assert (found[0].precision, found[0].recall, found[1].recall) == (0.5, 0.5, 0.0)
    assert math.isnan(found[1].precision)
    assert list(table("few", found))[2:] == [
        "| identity | annotated | tagged | both | precision | recall |",
        "|---|---|---|---|---|---|",
        "| male | 2 | 2 | 1 | 0.50 | 0.50 |",
        "| female | 1 | 0 | 0 | – | 0.00 |",
        "| all | 3 | 2 | 1 | 0.50 | 0.33 |",
        "",
    ]


def test_rows_without_annotation_are_left_out(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("comment_text,target,male,female\none,0,0.5,\ntwo,0,,\nthree,1,0.4,1\n")
    assert annotated(path) == ([("one", MALE), ("three", FEMALE)], ["male", "female"])


def test_speed_is_a_positive_number() -> None:
    assert per_second(["a man"] * 100, repeats=1) > 0


def test_agreement_with_annotators_of_gender(shared_data: Path) -> None:
    """2,000 rows: identity, rows, both, tagged alone, annotated alone."""
    assert agreements(*annotated(shared_data / ANNOTATED[0])) == [
        Agreement("male", 2000, 662, 82, 11),
        Agreement("female", 2000, 673, 33, 2),
        Agreement("all", 2000, 1335, 115, 13),
    ]


def test_agreement_with_annotators_of_all_identities(shared_data: Path) -> None:
    assert agreements(*annotated(shared_data / ANNOTATED[1])) == [
        Agreement("male", 71, 8, 4, 0),
        Agreement("female", 71, 15, 2, 0),
        Agreement("transgender", 71, 0, 2, 0),
        Agreement("homosexual_gay_or_lesbian", 71, 2, 2, 0),
        Agreement("christian", 71, 6, 0, 1),
        Agreement("jewish", 71, 1, 0, 0),
        Agreement("muslim", 71, 8, 2, 0),
        Agreement("black", 71, 3, 2, 2),
        Agreement("white", 71, 2, 1, 0),
        Agreement("latino", 71, 1, 1, 0),
        Agreement("other_race_or_ethnicity", 71, 0, 1, 0),
        Agreement("psychiatric_or_mental_illness", 71, 2, 0, 0),
        Agreement("all", 71, 48, 17, 3),
    ]


def test_recall_of_the_groups_that_hatecheck_targets(shared_data: Path) -> None:
    found = agreements(*targeted(shared_data / TARGETED))
    assert {each.identity: (each.both, each.annotated_alone) for each in found} == {
        "female": (397, 112),
        "transgender": (423, 40),
        "homosexual_gay_or_lesbian": (466, 85),
        "black": (402, 80),
        "physical_disability": (401, 83),
        "muslim": (409, 75),
        "all": (2498, 475),
    }
