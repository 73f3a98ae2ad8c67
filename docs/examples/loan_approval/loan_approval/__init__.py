"""Loan approval, a task for fairgate that lives outside of it."""
