"""The generated sample: what it promises, counted."""

import csv
from collections.abc import Iterator
from dataclasses import replace
from itertools import chain
from pathlib import Path

import pytest

from data.comments import sample
from data.comments.civil_comments import IDENTITY_COLUMNS, Comment, parse_comment
from data.comments.names import IDENTITIES
from data.comments.sample import PLANTED_BIAS, Mention, generate, write_csv, write_sample
from data.comments.sample_phrases import NOBODY, PERSONS, SLOTS
from data.comments.sample_sentences import person_sentences, topic_sentences
from data.records import read_records
from tests.reading import decode_comment

ROWS = 24_000


@pytest.fixture(scope="module")
def comments() -> list[Comment]:
    """A sample that the tests share."""
    return list(generate(ROWS, seed=1))


def mentioned(comment: Comment) -> set[str]:
    """All identities of a comment."""
    return set(chain.from_iterable(comment.identities.values()))


def test_fewer_rows_are_the_beginning_of_more(comments: list[Comment]) -> None:
    """Rows do not depend on how many follow, also across chunks."""
    assert list(generate(9_000, seed=1)) == comments[:9_000]


def test_seed_decides_the_comments(comments: list[Comment]) -> None:
    """Another seed has other comments."""
    other = {comment.text for comment in generate(1_000, seed=2)}
    assert len(other & {comment.text for comment in comments}) < 20


def test_texts_are_mostly_distinct(comments: list[Comment]) -> None:
    """A sample is not the same few sentences over and over."""
    assert len({comment.text for comment in comments}) > 0.99 * ROWS


def test_every_identity_appears_below_its_feature(comments: list[Comment]) -> None:
    """All five features are there in every comment, and each of the 24 identities in some."""
    assert {tuple(comment.identities) for comment in comments} == {tuple(IDENTITIES)}
    for feature, names in IDENTITIES.items():
        assert set(chain.from_iterable(comment.identities[feature] for comment in comments)) == set(names)


def test_some_comments_mention_two_identities(comments: list[Comment]) -> None:
    """Intersections of slices are not empty."""
    two = [comment for comment in comments if len(mentioned(comment)) == 2]
    assert len(two) > 0.01 * ROWS
    assert any(len(comment.identities["gender"]) == 2 for comment in two)
    assert all(len(mentioned(comment)) <= 2 for comment in comments)


def test_annotated_identity_stands_in_the_text(comments: list[Comment]) -> None:
    """A comment that is annotated as mentioning men says who."""
    for comment in comments[:4_000]:
        for identity in mentioned(comment):
            assert any(person in comment.text for person in PERSONS[identity])


@pytest.mark.parametrize("identity", ["male", "female", "transgender", "other_gender", "christian"])
def test_planted_shares_are_met(identity: str) -> None:
    """With annotators who see everything and no second mentions, shares and labels are those that the bias states."""
    mentions = {name: replace(mention, annotated=1.0) for name, mention in PLANTED_BIAS.mentions.items()}
    bias = replace(PLANTED_BIAS, mentions=mentions, second=0.0)
    labels = [comment.toxic for comment in generate(ROWS, seed=3, bias=bias) if mentioned(comment) == {identity}]
    share, written = mentions[identity].share, mentions[identity].toxic
    expected = written * (1 - bias.toxic_missed) + (1 - written) * bias.other_flagged
    assert len(labels) / ROWS == pytest.approx(share, abs=4 * (share * (1 - share) / ROWS) ** 0.5)
    assert sum(labels) / len(labels) == pytest.approx(expected, abs=4 * (expected * (1 - expected) / len(labels)) ** 0.5)


def test_annotators_miss_the_stated_share() -> None:
    """The rest of the mentions stands in the text alone."""
    only = {name: Mention(0.5 if name == "female" else 0.0, 0.1, 0.25) for name in IDENTITY_COLUMNS}
    found = list(generate(8_000, seed=4, bias=replace(PLANTED_BIAS, mentions=only)))
    in_text = [comment for comment in found if any(person in comment.text for person in PERSONS["female"])]
    assert len(in_text) / len(found) == pytest.approx(0.5, abs=0.025)
    assert sum("female" in mentioned(comment) for comment in in_text) / len(in_text) == pytest.approx(0.25, abs=0.03)


@pytest.mark.parametrize(("written", "labelled"), [(1.0, 0.75), (0.0, 0.1)])
def test_label_noise_turns_the_stated_share(written: float, labelled: float) -> None:
    """Of the toxic comments a quarter is missed here, of the others a tenth flagged."""
    nobody = {name: Mention(0.0, 0.0) for name in IDENTITY_COLUMNS}
    bias = replace(PLANTED_BIAS, mentions=nobody, toxic=written, toxic_missed=0.25, other_flagged=0.1)
    assert sum(comment.toxic for comment in generate(8_000, seed=5, bias=bias)) / 8_000 == pytest.approx(labelled, abs=0.02)


def test_no_sentence_about_persons_or_topics_insults() -> None:
    """Identity and toxicity go together by numbers alone."""
    insults = {word for slot in ("stupid", "fool", "awful") for word in SLOTS[slot]}
    sentences = [*chain.from_iterable(map(person_sentences, PERSONS)), *topic_sentences("police")]
    assert not insults & set(" ".join(sentences).replace(".", " ").replace(",", " ").lower().split())


def test_persons_without_identity_do_not_name_one() -> None:
    """The neutral persons would otherwise blur every slice."""
    named = set(chain.from_iterable(persons for name, persons in PERSONS.items() if name != NOBODY))
    assert not named & set(PERSONS[NOBODY])
    assert set(PERSONS) == {NOBODY, *IDENTITY_COLUMNS}


def test_description_states_the_gender_shares() -> None:
    """What a report says of the sample is what was planted."""
    for name in IDENTITIES["gender"]:
        assert f"{PLANTED_BIAS.mentions[name].toxic:.1%} of those that mention {name}" in sample.DESCRIPTION


def read(folder: Path, split: str) -> Iterator[Comment]:
    """The comments of a written split."""
    for file in sorted((folder / f"Split-{split}").iterdir()):
        yield from map(decode_comment, read_records(file))


def test_written_splits_share_no_text(tmp_path: Path) -> None:
    """Each split has its rows, and no text is in both."""
    write_sample(tmp_path / "out", train_rows=3_000, eval_rows=1_000, seed=1)
    train, held_out = list(read(tmp_path / "out", "train")), list(read(tmp_path / "out", "eval"))
    assert (len(train), len(held_out)) == (3_000, 1_000)
    assert not {comment.text for comment in train} & {comment.text for comment in held_out}
    assert {comment.toxic for comment in held_out} == {True, False}


def test_written_sample_is_the_same_again(tmp_path: Path) -> None:
    """The same seed gives the same bytes."""
    for folder in ("one", "two"):
        write_sample(tmp_path / folder, train_rows=500, eval_rows=500, seed=7)
    files = [sorted((tmp_path / folder).rglob("*.gz")) for folder in ("one", "two")]
    assert [file.read_bytes() for file in files[0]] == [file.read_bytes() for file in files[1]]
    assert len(files[0]) == 2


def test_csv_fractions_agree_with_labels_and_identities(tmp_path: Path) -> None:
    """Read back by the rule for Kaggle's files, the CSV holds the generated comments; some rows are not annotated."""
    write_csv(tmp_path / "sample.csv", rows=2_000, seed=1)
    with (tmp_path / "sample.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [parse_comment(row) for row in rows] == list(generate(2_000, seed=1))
    assert 0.3 < sum(row["male"] == "" for row in rows) / len(rows) < 0.9
    assert len({row["target"] for row in rows}) == 11
    assert [path.name for path in tmp_path.iterdir()] == ["sample.csv"]
