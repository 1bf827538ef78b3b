"""From the winner to files that serve, each proved equal to the trained model in a fresh process."""
