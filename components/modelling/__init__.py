"""Train, export, seal, check, publish and use models."""
