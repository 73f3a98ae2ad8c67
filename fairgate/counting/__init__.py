"""Count examples per slice into additive counts."""
