import pytest

from data.comments.column_mapping import read_mapping
from fairgate.errors import InputError


def test_aliases_and_several_labels() -> None:
    names = read_mapping({"text": "comment", "label": ("rude", "mean"), "gender": "sex"})
    assert (names.mapping, names.labels) == ({"comment_text": "comment", "gender": "sex"}, ("rude", "mean"))
    assert names.renamed() == {"comment": "comment_text", "sex": "gender", "rude": "label:rude", "mean": "label:mean"}


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ({"txt": "a"}, "'a' is read as 'txt', which is no known column; did you mean 'text'\\? Known are text, label, split"),
        ({"income": "a"}, "'a' is read as 'income', which is no known column; Known are"),
        ({"text": ""}, "no column is named for 'text'; write text=NAME"),
        ({"text": "a", "comment_text": "b"}, "comment_text is read from two columns, 'a' and 'b'; name one"),
        ({"text": ("a", "b")}, "text is read from two columns, 'a' and 'b'; name one"),
        ({"text": "a", "label": "a"}, "the column 'a' is read both as text and as label; name it once"),
        ({"label": ("a", "a")}, "the column 'a' is read twice as label; name it once"),
        ({"gender": "sex", "female": "f"}, "gender is read from 'sex', and female, which is a gender, from 'f'"),
    ],
)
def test_mappings_that_cannot_be(written: dict[str, str | tuple[str, ...]], message: str) -> None:
    with pytest.raises(InputError, match=message):
        read_mapping(written)


def test_nothing_is_said() -> None:
    assert read_mapping({}).renamed() == {}
