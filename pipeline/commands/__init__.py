"""Subcommands that need the pipeline."""
