"""Names of the transformed features of the toxicity task, written by preprocessing, read by training and serving."""

TEXT_KEY = "text"
LABEL_KEY = "label"
WEIGHT_KEYS = {"baseline": "weight_baseline", "remediated": "weight_remediated"}
