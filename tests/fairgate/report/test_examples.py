"""Which examples a report keeps."""

import pandas as pd

from fairgate.report import examples


def table(count: int) -> pd.DataFrame:
    """Examples that get less wrong from row to row; every third is in slice "a"."""
    names = [["overall", "a"] if row % 3 == 0 else ["overall"] for row in range(count)]
    return pd.DataFrame(
        {
            "slices": names,
            "label": "x",
            "wrong": [1 - row / count for row in range(count)],
            "text": [f"row {row}" for row in range(count)],
        }
    )


def test_most_wrong_of_every_slice_are_kept() -> None:
    """Three of all, two of "a": rows 0 to 2, 0 and 3; none is sampled."""
    kept = examples.select(table(30), per_slice=2, overall=3, sample=0)
    assert kept["text"].tolist() == ["row 0", "row 1", "row 2", "row 3"]
    assert not kept["sampled"].any()


def test_sample_is_seeded_and_of_the_asked_size() -> None:
    """The same seed keeps the same rows, another seed others."""
    first, again, other = (examples.select(table(100), 0, 0, sample=10, seed=seed) for seed in (1, 1, 2))
    assert first["sampled"].sum() == len(first) == 10
    assert first["text"].tolist() == again["text"].tolist() != other["text"].tolist()


def test_long_texts_are_cut_and_say_so() -> None:
    """A text of a million characters keeps its beginning."""
    long = table(1).assign(text="x" * 1_000_000)
    (text,) = examples.select(long)["text"]
    assert text == "x" * examples.MAX_TEXT + "… [1,000,000 characters in all]"


def test_most_wrong_of_a_slice() -> None:
    """Only examples of the slice, the worst first."""
    assert examples.most_wrong(table(30), "a", 3)["text"].tolist() == ["row 0", "row 3", "row 6"]
