"""Counting inside TFMA, intervals, bias metrics."""
