"""Names for readers."""

from fairgate.metrics import registry, words


def test_unknown_metric_is_named_as_spelt() -> None:
    """A metric that the table does not know has a name and no direction."""
    assert words.metric_words("my_metric") == words.MetricWords("My metric", "", "neither")


def test_known_metric_has_the_words_of_the_registry() -> None:
    """Also under a former name and as a comparison."""
    metric = registry.get("jigsaw_score")
    assert words.metric_words("final_score") == words.MetricWords(metric.label, metric.meaning, "higher")
    assert words.metric_words("false_positive_rate_gap").label == "False positive rate, difference to rest"


def test_sentence_says_which_direction_is_better() -> None:
    assert words.metric_words("auc").sentence.endswith(" Higher is better.")
    assert words.metric_words("false_positive_rate").sentence == "Negatives that the model calls positive. Lower is better."
    assert words.metric_words("my_own").sentence == "Neither direction is better by itself."
