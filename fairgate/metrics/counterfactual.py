"""Register the metrics of the counterfactual test, which measures them on texts with swapped identity terms."""

from fairgate.metrics.registry import Metric, register

FLIP_RATE = register(
    Metric(
        "flip_rate",
        "Flip rate",
        "Share of decisions that change when an identity term is swapped.",
        "lower",
        task="binary",
        on="groups",
        at_thresholds=True,
        needs=frozenset({"counterfactual"}),
    )
)
SCORE_SHIFT = register(
    Metric(
        "score_shift",
        "Score shift",
        "Mean score with an identity term minus that with the others.",
        "neither",
        bounds=(-1.0, 1.0),
        task="binary",
        on="groups",
        needs=frozenset({"counterfactual"}),
    )
)
