"""Read and convert labelled images."""
