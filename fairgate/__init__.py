"""Judge whether a model may be published: metrics, gate, report and the command. Imports no TensorFlow, Beam or TFX."""
