"""Names for readers."""

import pytest

from components.report import words


@pytest.mark.parametrize(
    ("name", "feature", "value"),
    [
        ("overall", "overall", "overall"),
        ("gender:other_gender", "gender", "other gender"),
        ("gender:male × race:black", "gender × race", "male × black"),
        ("class:T-shirt/top", "class", "T-shirt/top"),
        ("topic:a:b", "topic", "a:b"),
    ],
)
def test_parts_of_a_slice_name(name: str, feature: str, value: str) -> None:
    """A slice's feature and what it selects."""
    assert (words.feature_of(name), words.value_of(name)) == (feature, value)


def test_unknown_metric_is_named_as_spelt() -> None:
    """A metric that the table does not know has a name and no direction."""
    assert words.metric_words("my_metric") == words.MetricWords("My metric", "", "neither")


def test_printable_replaces_control_characters() -> None:
    """Tabs, line feeds, emoji and right-to-left text stay; NUL, escape and lone surrogates do not."""
    assert words.printable("a\tb\n\x00\x1b\ud800 😀 שלום") == "a\tb\n\ufffd\ufffd\ufffd 😀 שלום"
