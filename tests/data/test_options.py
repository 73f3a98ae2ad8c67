import shlex

import pytest

from data.options import columns_option, set_option


def test_a_setting_is_quoted_for_the_shell() -> None:
    assert set_option("male", "input", "group_names", "gender", "no one") == "--set 'input.group_names.gender.no one=male'"


@pytest.mark.parametrize(
    ("keys", "typed"),
    [
        (("input", "label_thresholds", "a.b"), """--set 'input.label_thresholds={"a.b": 0.7}'"""),
        (("input", "label_thresholds", "a=b"), """--set 'input.label_thresholds={"a=b": 0.7}'"""),
        (("input", "group_names", "gender", ' "m." '), r"""--set 'input.group_names.gender={" \"m.\" ": 0.7}'"""),
        (("a", "b.c", "d"), """--set 'a={"b.c": {"d": 0.7}}'"""),
    ],
)
def test_a_key_with_a_dot_is_written_as_a_mapping(keys: tuple[str, ...], typed: str) -> None:
    assert set_option("0.7", *keys) == typed


def test_a_key_that_cannot_be_printed_cannot_be_typed() -> None:
    assert set_option("male", "input", "a\x07b") is None


def test_commas_in_names_are_quoted() -> None:
    assert shlex.split(columns_option([("text", "a,b"), ("label", "c")])) == ["--columns", '"text=a,b",label=c']
