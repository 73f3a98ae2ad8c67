"""Gate a model of scikit-learn: train it, judge it on people that it has not seen, and end with the exit code of the verdict.

Run: pip install dist/fairgate-*.whl scikit-learn && python docs/examples/gate_scikit_learn.py
The wheel is made by: scripts/uv.sh build --wheel
"""

import sys

from sklearn.datasets import make_classification
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split

import fairgate

features, label = make_classification(20_000, flip_y=0.2, random_state=1)
group = ["a" if value > 0 else "b" for value in features[:, 0]]
known, new, label_known, label_new, _, group_new = train_test_split(features, label, group, test_size=0.5, random_state=1)
model = LogisticRegression().fit(known, label_known)
table = {"label": label_new, "score": model.predict_proba(new)[:, 1], "group": group_new}
judged = fairgate.evaluate(table, label="label", scores="score", slices=["group"])
print(judged.verdict.summary)
print(judged.report("fairgate-report"))
sys.exit({"blessed": 0, "refused": 1}.get(judged.verdict.outcome, 2))
