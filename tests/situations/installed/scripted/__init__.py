"""Tasks for tests: the graph runs on a table of examples, with models that answer given scores."""
