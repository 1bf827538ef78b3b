"""Reload exported networks, compare their predictions with the trained one's, and time them.

Run as a script, in a process of its own in which this package cannot be imported:
`python -I proof.py SAMPLE.npz '{"saved_model": PATH, "model.keras": PATH}'`. The names end as the
files do. Prints one line of JSON. The sample holds `images` and what was `expected` of them, and
may hold `scored_images` with their `scored_labels`: a network in int8 is scored on these.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import time
import warnings
from collections.abc import Callable
from typing import Any

REPEATING_S = 0.2
MOST_REPEATS = 100
SCORED = "int8.tflite"  # how the names of those end that may be worse than what was trained
PLAIN = "plain_kernels"
BATCH = 32  # images at once: TFLite keeps all maps of a batch in memory

Figures = dict[str, Any]
Predict = Callable[[Any], Any]  # uint8 images to probabilities


def main(sample: str, paths: dict[str, str]) -> dict[str, Figures]:
    """Return each file's figures: see `_figures`."""
    os.environ["CUDA_VISIBLE_DEVICES"] = "-1"  # the training may hold the GPU
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    import numpy as np

    with np.load(sample, allow_pickle=False) as file:
        arrays = dict(file)
    return {name: _figures(name, path, arrays) for name, path in paths.items()}


def _figures(name: str, path: str, arrays: dict[str, Any]) -> Figures:
    """Return the largest difference of a probability, equal labels and the latency of one image.

    With `correct` and `count` where the file is scored, and `plain_kernels` where TFLite runs it
    only without XNNPACK, its quick kernels.
    """
    import numpy as np

    predict = loader(name)(path)
    images, expected = arrays["images"], arrays["expected"]
    found = predict(images)
    figures: Figures = {
        "largest_difference": float(np.abs(found - expected).max()),
        "equal_labels": float((found.argmax(-1) == expected.argmax(-1)).mean()),
        "compared_images": len(images),
        "latency_ms": _latency_ms(lambda: predict(images[:1])),
    }
    if getattr(predict, PLAIN, False):
        figures[PLAIN] = True
    if name.endswith(SCORED) and "scored_labels" in arrays:
        labels = arrays["scored_labels"]
        predicted = predict(arrays["scored_images"]).argmax(-1)
        figures |= {"correct": int((predicted == labels).sum()), "count": len(labels)}
    return figures


def _latency_ms(call: Callable[[], object]) -> Figures:
    """Return the median of what `call` takes, with the quartiles and how often it was timed."""
    call()
    call()
    times: list[float] = []
    while len(times) < 2 or (len(times) < MOST_REPEATS and sum(times) < REPEATING_S):
        before = time.perf_counter()
        call()
        times.append(time.perf_counter() - before)
    low, median, high = statistics.quantiles(times, n=4, method="inclusive")
    low, median, high = (round(1_000 * each, 4) for each in (low, median, high))
    return {"median": median, "low": low, "high": high, "repeats": len(times)}


def loader(name: str) -> Callable[[str], Predict]:
    """Return what opens a file of this name: from its path to the function that predicts."""
    kinds = {".keras": _keras, ".tflite": _tflite, ".onnx": _onnx}
    return kinds.get(os.path.splitext(name)[1], _saved_model)  # noqa: PTH122


def _keras(path: str) -> Predict:
    import keras
    import tensorflow as tf

    model = keras.models.load_model(path, compile=False)
    call = tf.function(lambda images: model(images, training=False), autograph=False)
    return lambda images: call(tf.constant(images)).numpy()


def _saved_model(path: str) -> Predict:
    import tensorflow as tf

    serve = tf.saved_model.load(path).signatures["serving_default"]
    return lambda images: serve(image=tf.constant(images))["probabilities"].numpy()


def _onnx(path: str) -> Predict:
    import onnxruntime

    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    return lambda images: session.run(["probabilities"], {"image": images})[0]


def _tflite(path: str) -> Predict:
    import numpy as np
    import tensorflow as tf

    kinds = tf.lite.experimental.OpResolverType
    interpreters = dict.fromkeys((kinds.AUTO, kinds.BUILTIN_WITHOUT_DEFAULT_DELEGATES))

    def invoke(images: Any, kind: Any) -> Any:
        interpreter = interpreters[kind] = interpreters[kind] or open_interpreter(path, kind)
        into, out = interpreter.get_input_details()[0], interpreter.get_output_details()[0]
        interpreter.resize_tensor_input(into["index"], images.shape)
        interpreter.allocate_tensors()
        interpreter.set_tensor(into["index"], images)
        interpreter.invoke()
        step, zero = out["quantization"]
        values = interpreter.get_tensor(out["index"])
        return (values.astype(np.float32) - zero) * step if step else values

    def predict(images: Any) -> Any:
        parts = [images[start : start + BATCH] for start in range(0, len(images), BATCH)]
        try:
            return np.concatenate([invoke(part, kinds.AUTO) for part in parts])
        except RuntimeError:  # XNNPACK refuses some quantized maps as a whole
            setattr(predict, PLAIN, True)
            plain = kinds.BUILTIN_WITHOUT_DEFAULT_DELEGATES
            return np.concatenate([invoke(part, plain) for part in parts])

    return predict


def open_interpreter(path: str, kind: Any) -> Any:
    """Return TFLite's interpreter of a file, with the operations of this kind."""
    import tensorflow as tf

    with warnings.catch_warnings():  # of its move to another package, LiteRT
        warnings.simplefilter("ignore")
        return tf.lite.Interpreter(model_path=path, experimental_op_resolver_type=kind)


if __name__ == "__main__":
    sys.modules["cnnsearch"] = None  # type: ignore[assignment]  # whoever serves has it not
    print(json.dumps(main(sys.argv[1], json.loads(sys.argv[2]))))
