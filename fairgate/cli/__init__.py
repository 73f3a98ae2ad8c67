"""The command and its subcommands that need no TFX."""

import os

# Beside TFX some 250 packages are installed; to ask each for plugins of pydantic takes as long as to read 200,000 rows.
os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
