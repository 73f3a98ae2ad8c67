"""The image tasks, Fashion-MNIST and digits: preprocessing, models, decisions, and views of the images."""
