"""Decide whether data may be trained on, and measure drift."""
