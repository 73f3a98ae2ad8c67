"""Say which columns the tables of `content.ReportContent` have; they are read from folders that anybody may have written."""

from collections.abc import Mapping

from fairgate.parquet import Kind

Kinds = Mapping[str, Kind]


def _kinds(text: str, number: str = "", flag: str = "") -> dict[str, Kind]:
    kinds: tuple[tuple[Kind, str], ...] = (("text", text), ("number", number), ("flag", flag))
    return {name: kind for kind, names in kinds for name in names.split()}


# Table -> the columns that it has, and those that it may have.
COLUMNS: Mapping[str, tuple[Kinds, Kinds]] = {
    "curves": (_kinds("model split metric", "step value"), _kinds("", "epoch")),
    "statistics": (
        _kinds("split feature kind", "count missing mean std min median max unique"),
        _kinds("top_values"),
    ),
    "drift": (_kinds("feature measure between", "value limit", "drifted"), {}),
    "examples": (
        {"slices": "texts", "label": "any", **_kinds("", "baseline candidate wrong", "sampled")},
        _kinds("text image predicted"),
    ),
    "points": ({"slices": "texts", "label": "any", **_kinds("", "baseline candidate wrong")}, {}),
    "histograms": (_kinds("model slice label", "low high count share"), {}),
    "counterfactual": (_kinds("test term group model", "threshold value low high score_shift shift_low shift_high n"), {}),
    "embedding_bias": (_kinds("group term other", "n distance low high effect_size p_value"), _kinds("unknown")),
    "sentences": (_kinds("set text model", "score unknown_words"), {}),
    "edits": (_kinds("reason label kind group term other text", "example baseline candidate"), {}),
    "word_shares": (_kinds("model word", "example position share", "exact"), {}),
    "nearest": (_kinds("text label", "example baseline candidate distance n"), {}),
    "vocabulary": (_kinds("split", "n unknown half none"), {}),
    "pixels": (_kinds("", "low high count"), {}),
    "pixel_statistics": (_kinds("", "row column count missing mean std min max"), {}),
    "pixel_maxima": (_kinds("", "low high count"), {}),
    "class_counts": (_kinds("label", "code count"), {}),
    "trainings": (_kinds("model", "weights images held_out epochs most_epochs"), {}),
    "published_training": (_kinds("model split metric", "value"), {}),
    "confusion": (_kinds("model label predicted", "count share"), {}),
    "coverage": (_kinds("model rule", "limit coverage accuracy n"), _kinds("abstained")),
    "roc": (_kinds("model slice", "threshold false_positive_rate true_positive_rate precision n"), {}),
    "calibration": (_kinds("model slice", "score share low high n"), {}),
    "published": (_kinds("model slice metric source", "threshold value"), {}),
    "paired_changes": (_kinds("slice metric", "threshold low high"), {}),
    "leakage": (_kinds("sign kind name", "value low high n"), {}),
    "outsiders": (_kinds("input decision warnings", "value"), {}),
}
