"""What the machine, or the container in it, lets this process use."""
