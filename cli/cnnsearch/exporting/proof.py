"""Reload exported models and compare their predictions with those of the trained model.

Run as a script, in a process of its own that does not import this package:
`python -I proof.py SAMPLE.npz '{"savedmodel": PATH, "keras": PATH}'`. Prints one line of JSON.
"""

from __future__ import annotations

import json
import os
import sys


def main(sample: str, paths: dict[str, str]) -> dict[str, dict[str, float]]:
    """Return each format's largest difference of a probability and share of equal labels."""
    os.environ["CUDA_VISIBLE_DEVICES"] = "-1"  # the training may hold the GPU
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    import numpy as np

    with np.load(sample, allow_pickle=False) as arrays:
        images, expected = arrays["images"], arrays["expected"]
    results = {}
    for name, path in paths.items():
        found = _predict(name, path, images)
        results[name] = {
            "largest_difference": float(np.abs(found - expected).max()),
            "equal_labels": float((found.argmax(-1) == expected.argmax(-1)).mean()),
        }
    return results


def _predict(name: str, path: str, images):  # type: ignore[no-untyped-def]
    import numpy as np

    if name == "keras":
        import keras

        return np.asarray(keras.models.load_model(path, compile=False)(images, training=False))
    import tensorflow as tf

    serve = tf.saved_model.load(path).signatures["serving_default"]
    (output,) = serve(image=tf.constant(images)).values()
    return output.numpy()


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1], json.loads(sys.argv[2]))))
