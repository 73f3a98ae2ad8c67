import shlex

from data.options import columns_option, set_option


def test_a_setting_is_quoted_for_the_shell() -> None:
    assert set_option("male", "input", "group_names", "gender", "no one") == "--set 'input.group_names.gender.no one=male'"


def test_a_key_with_a_dot_cannot_be_typed() -> None:
    assert set_option("male", "input", "a.b") is None


def test_commas_in_names_are_quoted() -> None:
    assert shlex.split(columns_option([("text", "a,b"), ("label", "c")])) == ["--columns", '"text=a,b",label=c']
