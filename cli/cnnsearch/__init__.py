"""cnnsearch: find the best convolutional network for your images within your limits."""

__version__ = "0.1.0"
