"""Judge the predictions of any model: from a table to a verdict, without a pipeline."""
