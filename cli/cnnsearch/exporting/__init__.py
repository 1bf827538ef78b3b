"""From the winner to files that serve, each proved equal to the model in a fresh process."""
