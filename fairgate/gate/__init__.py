"""Decide over a candidate by a written policy, and write the verdict."""
