"""Read TFX artifacts."""
