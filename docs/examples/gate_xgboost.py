"""Gate a model of XGBoost against the logistic regression that it is to replace, by a policy of one's own.

Run: pip install dist/fairgate-*.whl scikit-learn xgboost && python docs/examples/gate_xgboost.py
The wheel is made by: scripts/uv.sh build --wheel
"""

import sys

from sklearn.datasets import make_classification
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from xgboost import XGBClassifier

import fairgate

POLICY = {
    "rules": [
        {"id": "gap", "kind": "gap", "metric": "false_positive_rate", "thresholds": [0.5], "slices": ["group:*"], "limit": 1.5},
        {"id": "no-step-back", "kind": "not_worse", "metric": "auc", "margin": 0.01},
    ]
}
features, label = make_classification(20_000, n_informative=6, flip_y=0.1, random_state=1)
group = ["a" if value > 0 else "b" for value in features[:, 19]]
known, new, label_known, label_new, _, group_new = train_test_split(features, label, group, test_size=0.5, random_state=1)
models = {"baseline": LogisticRegression(), "candidate": XGBClassifier(n_estimators=100, max_depth=4, random_state=1)}
scores = {name: model.fit(known, label_known).predict_proba(new)[:, 1] for name, model in models.items()}
table = {**scores, "label": label_new, "group": group_new}
judged = fairgate.evaluate(table, label="label", scores={name: name for name in models}, slices=["group"], policy=POLICY)
print(judged.verdict.summary)
print(judged.report("fairgate-report"))
sys.exit({"blessed": 0, "refused": 1}.get(judged.verdict.outcome, 2))
