"""A run's trials in other programs: TensorBoard and MLflow, read from the run's folder."""
