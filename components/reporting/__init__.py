"""Gather what a report shows from the artifacts of a run."""
