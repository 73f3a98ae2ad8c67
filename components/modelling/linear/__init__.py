"""Logistic regression on sparse features that lie on disk: its fit, its calibration and its operating point."""
