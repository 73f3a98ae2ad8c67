"""The TFX components of our own; the only modules that import tfx.dsl."""
