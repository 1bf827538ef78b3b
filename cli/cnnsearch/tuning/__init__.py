"""The search: a supervisor that imports no TensorFlow, and workers that train trial after trial."""
