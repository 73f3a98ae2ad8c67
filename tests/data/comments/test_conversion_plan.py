from pathlib import Path

import pytest

from data.comments.conversion_plan import Sources, absent_identities, make_plan
from fairgate.errors import InputError

PLAIN = "comment_text,toxicity\n"
SPLIT = "comment_text,toxicity,split\n"


def write(folder: Path, **contents: str) -> None:
    """CSV files by name."""
    for name, content in contents.items():
        (folder / f"{name}.csv").write_text(content)


def named(folder: Path, *names: str) -> tuple[str, ...]:
    """Paths in the folder."""
    return tuple(str(folder / name) for name in names)


@pytest.mark.parametrize(
    ("train", "eval_", "planned"),
    [
        (["plain.csv"], [], [("plain.csv", "hash")]),
        (["split.csv"], [], [("split.csv", "column")]),
        (["plain.csv", "other.csv"], [], [("plain.csv", "hash"), ("other.csv", "hash")]),
        (["plain.csv"], ["other.csv"], [("plain.csv", "train"), ("other.csv", "eval")]),
        (["split.csv"], ["plain.csv"], [("split.csv", "train"), ("plain.csv", "eval")]),
        (["pl*.csv"], ["**/*er.csv"], [("plain.csv", "train"), ("other.csv", "eval")]),
        (["[p-s]*.csv"], ["o*"], [("plain.csv", "train"), ("split.csv", "train"), ("other.csv", "eval")]),
    ],
)
def test_which_rows_go_where(tmp_path: Path, train: list[str], eval_: list[str], planned: list[tuple[str, str]]) -> None:
    """Given files win, then the column, then the hash; globs are read in the order of their names."""
    write(tmp_path, plain=PLAIN, other=PLAIN + "a,0\n", split=SPLIT)
    plan = make_plan(Sources(named(tmp_path, *train), named(tmp_path, *eval_)))
    assert [(source.file.path.name, source.split) for source in plan.sources] == planned
    assert [source.index for source in plan.sources] == list(range(len(planned)))


def test_a_name_that_looks_like_a_glob(tmp_path: Path) -> None:
    """An existing file is meant as it is named."""
    (tmp_path / "a[1].csv").write_text(PLAIN)
    assert make_plan(Sources(named(tmp_path, "a[1].csv"))).sources[0].file.path.name == "a[1].csv"


@pytest.mark.parametrize(
    ("train", "eval_", "message"),
    [
        ([], [], "no train file given"),
        (["none*.csv"], [], r"none\*.csv: no file matches this glob"),
        (["plain.csv", "none.csv"], [], "none.csv: no such file"),
        (["plain.csv"], ["plain.csv"], "plain.csv: the same content as .*plain.csv; give each once, in train or in eval"),
        (["plain.csv"], ["copy.csv"], "copy.csv: the same content as .*plain.csv"),
        (["*.csv", "plain.csv"], [], "the same content as"),
        (["split.csv", "plain.csv"], [], "plain.csv: no column split, but other train files have one"),
    ],
)
def test_plans_that_cannot_be(tmp_path: Path, train: list[str], eval_: list[str], message: str) -> None:
    """One message with the file and the remedy."""
    write(tmp_path, plain=PLAIN, copy=PLAIN, split=SPLIT)
    with pytest.raises(InputError, match=message):
        make_plan(Sources(named(tmp_path, *train), named(tmp_path, *eval_)))


def test_what_the_user_should_know(tmp_path: Path) -> None:
    """An ignored column and two labels are worth a warning."""
    write(tmp_path, split=SPLIT, both="comment_text,toxicity,target\n")
    warnings = make_plan(Sources(named(tmp_path, "split.csv"), named(tmp_path, "both.csv"))).warnings
    assert [warning.rpartition("/")[2] for warning in warnings] == [
        "split.csv: its column split is ignored, because train and eval files are given",
        "both.csv: has toxicity and target; toxicity is the label",
    ]


def test_absent_identities_are_one_warning() -> None:
    """It lists per file what is absent; a listed feature stands for its identities; nothing absent is no warning."""
    most = frozenset({"sexual_orientation", "religion", "race", "disability"})
    columns = {Path("a"): most | {"male", "female"}, Path("b"): most | {"male", "female"}, Path("c"): most | {"gender"}}
    warning = "identity columns that are absent count as not annotated: a, b: transgender, other_gender"
    assert absent_identities(columns) == warning
    assert absent_identities({Path("c"): columns[Path("c")]}) is None


def test_where_a_feature_has_no_column_the_warning_names_the_option() -> None:
    assert absent_identities({Path("a"): frozenset({"gender", "sexual_orientation", "religion", "race"})}) == (
        "identity columns that are absent count as not annotated: a: physical_disability, intellectual_or_learning_disability, "
        "psychiatric_or_mental_illness, other_disability. "
        "To tag features that have no column at all by a list of words: --tag-identities"
    )


def test_features_without_any_column_are_tagged_where_asked(tmp_path: Path) -> None:
    """One column of a feature, here male, is enough to leave it to the people who annotated it."""
    write(tmp_path, plain=PLAIN, male="comment_text,toxicity,male,race\n")
    names = named(tmp_path, "male.csv", "plain.csv")
    plan = make_plan(Sources(names, tag_identities=True))
    assert [source.rules.tagged for source in plan.sources] == [
        ("sexual_orientation", "religion", "disability"),
        ("gender", "sexual_orientation", "religion", "race", "disability"),
    ]
    assert plan.tagged_features == ("gender", "sexual_orientation", "religion", "race", "disability")
    assert make_plan(Sources(names)).tagged_features == ()
