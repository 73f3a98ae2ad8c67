"""The counterfactual test: how far does a score depend on which identity a text names? Texts and scores in, results out."""
