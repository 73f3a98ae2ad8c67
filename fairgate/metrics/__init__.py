"""Compute metrics from counts."""
