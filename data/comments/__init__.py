"""Read, convert and generate comments."""
