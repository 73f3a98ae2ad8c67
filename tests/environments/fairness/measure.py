"""Measure a table of predictions with fairlearn or Aequitas. Runs in the environment of this folder; tests start it.

In: the name of the library, and a CSV with the columns label, score, decision, weight, race, sex. Out: one JSON object on
standard output.
"""

import json
import sys
import warnings
from functools import partial
from typing import Any

import pandas as pd

GROUPS = ("race", "sex")


def with_fairlearn(table: pd.DataFrame) -> dict[str, Any]:
    """Return metric -> overall, by_group, and differences and ratios by both methods; of decisions, of scores, weighted."""
    from fairlearn import metrics
    from sklearn.metrics import precision_score, roc_auc_score

    rates = ("selection_rate", "false_positive_rate", "false_negative_rate", "true_positive_rate", "true_negative_rate")
    decided = {name: getattr(metrics, name) for name in rates}
    decided |= {"precision_score": partial(precision_score, zero_division=float("nan")), "count": metrics.count}
    scored = {"roc_auc_score": roc_auc_score, "mean_prediction": metrics.mean_prediction}
    weights = {name: {"sample_weight": table.weight} for name in rates}
    weighted = {name: decided[name] for name in rates}
    named = ("demographic_parity_difference", "demographic_parity_ratio", "equalized_odds_difference", "equalized_odds_ratio")
    answers: dict[str, Any] = {}
    for feature in GROUPS:
        of_decisions = {"y_true": table.label, "y_pred": table.decision, "sensitive_features": table[feature]}
        frames = {
            "decisions": metrics.MetricFrame(metrics=decided, **of_decisions),
            "scores": metrics.MetricFrame(metrics=scored, **{**of_decisions, "y_pred": table.score}),
            "weighted": metrics.MetricFrame(metrics=weighted, sample_params=weights, **of_decisions),
        }
        answers[feature] = {kind: _read(frame) for kind, frame in frames.items()}
        answers[feature]["named"] = {name: float(getattr(metrics, name)(**of_decisions)) for name in named}
    return answers


def _read(frame: Any) -> dict[str, Any]:
    comparisons = {
        f"{what}_{method}": getattr(frame, what)(method=method).astype(float).to_dict()
        for what in ("difference", "ratio")
        for method in ("between_groups", "to_overall")
    }
    by_group = {name: column.astype(float).to_dict() for name, column in frame.by_group.items()}
    return {"overall": frame.overall.astype(float).to_dict(), "by_group": by_group, **comparisons}


def with_aequitas(table: pd.DataFrame) -> dict[str, Any]:
    """Return the counts and rates of each group, and their disparities to a reference group."""
    from aequitas.bias import Bias
    from aequitas.group import Group

    asked = table.rename(columns={"label": "label_value"}).assign(score=table.decision)
    asked = asked[["label_value", "score", *GROUPS]]
    crosstabs, _ = Group().get_crosstabs(asked, attr_cols=list(GROUPS))
    references = {feature: sorted(table[feature])[0] for feature in GROUPS}
    found = Bias().get_disparity_predefined_groups(
        crosstabs, original_df=asked, ref_groups_dict=references, alpha=0.05, mask_significance=False
    )
    numbers = found.select_dtypes("number")
    return {
        f"{row.attribute_name}:{row.attribute_value}": numbers.loc[at].astype(float).to_dict() for at, row in found.iterrows()
    }


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    answer = {"fairlearn": with_fairlearn, "aequitas": with_aequitas}[sys.argv[1]](pd.read_csv(sys.argv[2]))
    json.dump(answer, sys.stdout)
