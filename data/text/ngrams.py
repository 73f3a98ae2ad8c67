"""Hashed n-grams of texts as TensorFlow operations, the same in Beam, in training and in a SavedModel."""

WORD_BUCKETS = 1 << 18
CHARACTER_BUCKETS = 1 << 18
MAX_BYTES = 4000  # of a text; what follows is cut, on a character's border
