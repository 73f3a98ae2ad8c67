"""The pipeline: its graph, its configuration, and the commands that run it."""
