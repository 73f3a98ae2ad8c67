"""The command and its subcommands that need no TFX."""

import os

# Beside TFX some 250 packages are installed; to ask each for plugins of pydantic took 0.07 s of 4.
os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
