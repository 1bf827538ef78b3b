"""The process that trains: the only one that imports TensorFlow."""
