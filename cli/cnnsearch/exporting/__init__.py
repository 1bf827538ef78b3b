"""From a trained network to files that serve, each proved equal to it in a fresh process."""
