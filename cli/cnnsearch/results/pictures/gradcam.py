"""Where a network looked: Grad-CAM (Selvaraju et al. 2017, arXiv:1610.02391)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from cnnsearch.stderr import quiet_tensorflow

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def grad_cam(
    path: Path, images: NDArray[np.uint8], classes: NDArray[np.integer[Any]]
) -> NDArray[np.float32]:
    """Return how much each place of an image spoke for its class.

    The last map of the network is weighed by the mean gradient of the class's score, before the
    softmax, with respect to each of its channels (equations 1 and 2 of the paper).

    Args:
        path: The network as a `.keras` file, from uint8 images to probabilities.
        images: `(images, height, width, channels)`.
        classes: For each image the class that is asked for, `(images,)`.

    Returns:
        From 0 to 1, `(images, height of the map, width of the map)`.

    Raises:
        ValueError: The network cannot be read, or has no map.
    """
    if not path.exists():
        raise ValueError(f"it needs {path.name} in the run's export, which this run does not have")
    with quiet_tensorflow():
        return _grad_cam(path, images, classes)


def _grad_cam(
    path: Path, images: NDArray[np.uint8], classes: NDArray[np.integer[Any]]
) -> NDArray[np.float32]:
    import keras
    import numpy as np
    import tensorflow as tf

    model = keras.models.load_model(path, compile=False)
    last = next((layer for layer in reversed(model.layers) if _is_map(layer)), None)
    if last is None:
        raise ValueError("the network has no map that is larger than one pixel")
    before_softmax = model.layers[-1].input  # the last layer is the softmax alone
    both = keras.Model(model.inputs, [last.output, before_softmax])
    with tf.GradientTape() as tape:
        maps, scores = both(tf.constant(images), training=False)
        chosen = tf.gather(scores, tf.constant(classes), axis=1, batch_dims=1)
    slopes = tf.reduce_mean(tape.gradient(chosen, maps), axis=(1, 2), keepdims=True)
    heat = tf.nn.relu(tf.reduce_sum(maps * slopes, axis=-1)).numpy()
    most = heat.max(axis=(1, 2), keepdims=True)
    return np.asarray(np.divide(heat, most, out=np.zeros_like(heat), where=most > 0), np.float32)


def _is_map(layer: Any) -> bool:
    shape = getattr(layer.output, "shape", ())
    return len(shape) == 4 and min(shape[1:3]) > 1
