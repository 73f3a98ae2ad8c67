"""Where people already gate: test runners and the like."""
