"""Draw the report of a run and read it back."""
