"""Columns that are nearly called like a known one: found, mapped, ignored."""

from itertools import product
from pathlib import Path

import pytest

from data.comments.column_names import ColumnNames, distance, nearest
from data.comments.names import IDENTITIES
from data.comments.readers import inspect, read_rows
from data.records import encode_example, write_records
from fairgate.errors import InputError

KNOWN = tuple(name for names in IDENTITIES.values() for name in names)


@pytest.mark.parametrize(
    ("first", "second", "edits"),
    [
        ("male", "male", 0),
        ("", "", 0),
        ("", "ab", 2),
        ("male", "mael", 1),  # neighbours exchanged
        ("male", "mal", 1),
        ("male", "males", 1),
        ("male", "mole", 1),
        ("kitten", "sitting", 3),
        ("ca", "abc", 3),  # optimal string alignment; without its restriction it would be 2
        ("female", "male", 2),
        ("ab", "ba", 1),
        ("abcd", "badc", 2),
    ],
)
def test_distance(first: str, second: str, edits: int) -> None:
    assert distance(first, second, 9) == distance(second, first, 9) == edits


def test_distance_is_the_fewest_single_edits() -> None:
    """Breadth-first search over all texts of three letters and less is the oracle; an exchange is a single step."""
    letters = "abc"
    texts = ["".join(characters) for length in range(4) for characters in product(letters, repeat=length)]

    def neighbours(text: str) -> set[str]:
        cuts = [(text[:i], text[i:]) for i in range(len(text) + 1)]
        found = {left + right[1:] for left, right in cuts if right}
        found |= {left + letter + right for left, right in cuts for letter in letters}
        return found | {left + letter + right[1:] for left, right in cuts if right for letter in letters}

    for text in texts:
        near = neighbours(text)
        exchanged = {text[:i] + text[i + 1] + text[i] + text[i + 2 :] for i in range(len(text) - 1)}
        for other in texts:
            if other != text:
                assert (distance(text, other, 9) == 1) == (other in near | exchanged)


def test_texts_of_very_different_lengths_are_not_compared() -> None:
    assert distance("abc", "abcdef", 2) == 3


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("Female", "female"),
        ("FEMALE", "female"),
        (" female ", "female"),
        ("trans_gender", "transgender"),
        ("Trans-Gender", "transgender"),
        ("trnasgender", "transgender"),
        ("homosexual gay or lesbian", "homosexual_gay_or_lesbian"),
        ("psychiatric_or_mental_ilness", "psychiatric_or_mental_illness"),
        ("musslim", "muslim"),
        ("jewich", "jewish"),
        ("transgendered", "transgender"),  # two edits
        ("transgenderism", None),  # three
        ("created_date", None),
        ("comment", None),
    ],
)
def test_a_name_that_is_nearly_known(name: str, known: str | None) -> None:
    assert nearest(name, KNOWN) == known


def test_equal_up_to_case_is_nearer_than_one_edit() -> None:
    assert nearest("Male", ("mal", "male")) == "male"


ROWS = "\n".join(f"text {number},0.{number % 10},0.9,0.8" for number in range(20))


def write_csv(folder: Path, header: str) -> Path:
    path = folder / "a.csv"
    path.write_text(f"{header}\n{ROWS}\n")
    return path


def test_misspelt_identities_stop_the_conversion_with_the_remedy(tmp_path: Path) -> None:
    """Both are named at once, with what has to be typed."""
    path = write_csv(tmp_path, "comment_text,target,Female,trans_gender")
    with pytest.raises(InputError) as caught:
        inspect(path)
    assert str(caught.value) == (
        f"{path}: unknown columns 'Female' (did you mean 'female'?), 'trans_gender' (did you mean 'transgender'?). "
        "Rename, or read as meant with --column female=Female --column transgender=trans_gender; "
        "if they are something else: --ignore-column Female --ignore-column trans_gender"
    )


def test_a_mapped_column_is_read_under_its_known_name(tmp_path: Path) -> None:
    path = write_csv(tmp_path, "comment_text,target,Female,trans_gender")
    source = inspect(path, ColumnNames({"female": "Female", "transgender": "trans_gender"}))
    assert source.columns == {"comment_text", "target", "female", "transgender"}
    first = next(iter(read_rows(source)))
    assert first.cells == {"comment_text": "text 0", "target": "0.0", "female": "0.9", "transgender": "0.8"}


def test_text_and_label_can_be_mapped(tmp_path: Path) -> None:
    path = write_csv(tmp_path, "body,hate,female,x")
    source = inspect(path, ColumnNames({"comment_text": "body", "target": "hate"}))
    assert next(iter(read_rows(source))).cells == {"comment_text": "text 0", "target": "0.0", "female": "0.9"}


@pytest.mark.parametrize(
    ("header", "remedy"),
    [
        ("Comment_Text,target,a,b", "did you mean 'Comment_Text'? Read it with --column comment_text=Comment_Text"),
        ("comment_text,Toxicity,a,b", "did you mean 'Toxicity'? Read it with --column toxicity=Toxicity"),
        ("comment_text,taget,a,b", "did you mean 'taget'? Read it with --column target=taget"),
        ("comment text,target,a,b", "Read it with --column 'comment_text=comment text'"),
        ("body,target,a,b", "Rename the text column, or read it with --column comment_text=NAME"),
        ("comment_text,hate,a,b", "Rename the label column, or read it with --column toxicity=NAME"),
    ],
)
def test_a_missing_text_or_label_column_names_the_remedy(tmp_path: Path, header: str, remedy: str) -> None:
    with pytest.raises(InputError) as caught:
        inspect(write_csv(tmp_path, header))
    assert str(caught.value).endswith(remedy)


def test_an_ignored_column_is_something_else(tmp_path: Path) -> None:
    """The column "Female" is not read, and female stays absent."""
    source = inspect(write_csv(tmp_path, "comment_text,target,Female,male"), ColumnNames(ignored=("Female",)))
    assert source.columns == {"comment_text", "target", "male"}


def test_a_name_is_not_doubted_where_the_known_column_is_there(tmp_path: Path) -> None:
    assert inspect(write_csv(tmp_path, "comment_text,target,female,Female")).columns == {"comment_text", "target", "female"}


def test_a_column_mapped_over_a_known_one_is_refused(tmp_path: Path) -> None:
    path = write_csv(tmp_path, "comment_text,target,female,Female")
    with pytest.raises(InputError, match="the column female appears 2 times"):
        inspect(path, ColumnNames({"female": "Female"}))


def test_a_misspelt_split_column_is_refused(tmp_path: Path) -> None:
    """It would be ignored, and a hash would divide the rows."""
    with pytest.raises(InputError, match="unknown column 'Split' \\(did you mean 'split'\\?\\)"):
        inspect(write_csv(tmp_path, "comment_text,target,female,Split"))


def test_kaggle_s_other_columns_are_not_doubted(tmp_path: Path) -> None:
    """The name "rating" is two edits from "latino"."""
    assert inspect(write_csv(tmp_path, "comment_text,target,rating,id")).columns == {"comment_text", "target"}


def records(folder: Path, **features: list[bytes] | list[float]) -> Path:
    path = folder / "a.tfrecord"
    write_records(path, [encode_example({"comment_text": [b"a"], "toxicity": [1.0], **features})] * 3)
    return path


def test_misspelt_features_of_raw_records_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="'Male' \\(did you mean 'male'\\?\\)"):
        inspect(records(tmp_path, Male=[0.5]))


def test_misspelt_features_of_processed_records_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="'Gender' \\(did you mean 'gender'\\?\\)"):
        inspect(records(tmp_path, Gender=[b"male"]))


def test_a_list_of_a_feature_stands_for_its_identities(tmp_path: Path) -> None:
    assert inspect(records(tmp_path, gender=[b"male"], Male=[0.5])).columns == {"comment_text", "toxicity", "gender"}


def test_mapped_features_of_records_are_read(tmp_path: Path) -> None:
    source = inspect(records(tmp_path, Male=[0.5]), ColumnNames({"male": "Male"}))
    assert next(iter(read_rows(source))).cells == {"comment_text": "a", "toxicity": 1.0, "male": 0.5}


def test_names_can_be_taken_as_they_are(tmp_path: Path) -> None:
    """To learn an embedding, nobody asks for identities."""
    assert "female" not in inspect(write_csv(tmp_path, "comment_text,target,Female,x"), None).columns
