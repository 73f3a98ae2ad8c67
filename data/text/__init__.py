"""Learn word vectors and make text embeddings."""
