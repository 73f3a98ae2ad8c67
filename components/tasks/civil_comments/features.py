"""Names of the transformed features of the toxicity task; preprocessing writes them, training and serving read them."""

TEXT_KEY = "text"
LABEL_KEY = "label"
WEIGHT_KEYS = {"baseline": "weight_baseline", "remediated": "weight_remediated"}
