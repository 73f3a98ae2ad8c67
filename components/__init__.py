"""What each step of the graph does."""
