"""Names for readers."""

from fairgate.metrics import words


def test_unknown_metric_is_named_as_spelt() -> None:
    """A metric that the table does not know has a name and no direction."""
    assert words.metric_words("my_metric") == words.MetricWords("My metric", "", "neither")
