"""Code that gets and converts data; no data files."""
