"""Compute intervals, compare estimates and correct for multiple comparisons."""
