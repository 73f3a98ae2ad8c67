"""What people say of a model: checked, merged, and open where it is empty."""

from typing import Any

import pytest
from pydantic import ValidationError

from fairgate.statements import DATA_QUESTIONS, MODEL_QUESTIONS, CardStatements


def test_every_question_is_about_a_field() -> None:
    assert {*DATA_QUESTIONS, *MODEL_QUESTIONS} <= set(CardStatements.model_fields)


def test_nothing_said_leaves_every_question_open() -> None:
    assert dict(CardStatements().open_questions(MODEL_QUESTIONS)) == dict(MODEL_QUESTIONS)


def test_blank_answer_stays_open() -> None:
    said = CardStatements.model_validate({"contact": "  ", "owner": " Ann "})
    assert said.owner == "Ann"
    assert "contact" in dict(said.open_questions(MODEL_QUESTIONS))
    assert "owner" not in dict(said.open_questions(MODEL_QUESTIONS))


def test_own_statements_stand_above_others() -> None:
    own = CardStatements.model_validate({"contact": "a@example.org"})
    merged = own.over({"contact": "b@example.org", "limits": ["One."]})
    assert (merged.contact, merged.limits) == ("a@example.org", ("One.",))


@pytest.mark.parametrize(
    ("written", "remedy"),
    [
        ({"license": "my own license"}, "SPDX identifier, such as CC0-1.0"),
        ({"language": ["English"]}, "BCP 47"),
        ({"data_url": "javascript:alert(1)"}, "https://"),
        ({"data_url": 'https://a/" onclick="x'}, "https://"),
        ({"references": ["ftp://a"]}, "https://"),
        ({"data_published": "last year"}, "2017-03"),
        ({"collection_time": "2015-2017"}, "2015/2017"),
        ({"intended_use": [""]}, "at least 1 character"),
        ({"contact": "x" * 4001}, "at most 4000"),
        ({"contacts": "a"}, "Extra inputs"),
    ],
)
def test_wrong_value_is_refused_with_its_remedy(written: dict[str, Any], remedy: str) -> None:
    with pytest.raises(ValidationError, match=remedy):
        CardStatements.model_validate(written)


@pytest.mark.parametrize(
    "written",
    [
        {"license": "CC-BY-4.0"},
        {"license": "other"},
        {"language": ["en", "pt-BR"]},
        {"collection_time": "2015/2017-03-31"},
        {"data_published": "1998-07"},
        {"data_url": "https://example.org/a?b=c"},
    ],
)
def test_right_value_is_kept(written: dict[str, Any]) -> None:
    assert CardStatements.model_validate(written).model_dump(mode="json", exclude_defaults=True) == written
