"""The command and its subcommands that need no TFX."""
