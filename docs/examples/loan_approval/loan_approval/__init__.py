"""Loan approval: an example task in a distribution of its own."""
