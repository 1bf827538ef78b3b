"""Batches for a network: `tf.data` over arrays that are held once, as uint8.

Everything random follows from (seed, step), never from the pipeline's history. A pipeline that
begins at step k therefore gives the very batches that one from the start gives after k, without
computing those before.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Protocol

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from cnnsearch.data.dataset import Dataset

MAPPED_LIMIT_BYTES = 1 << 30  # memory-mapped images above this stay on the disk
ENDLESS = 1 << 62  # steps
CORES_A_CALL = 4  # the others are for the network; a GPU leaves them all idle
MOST_CALLS = 4  # at a time; tests/benchmarks/pipeline_speed.py tells what each gives
SHUFFLE_ROUNDS = 4  # of the cipher behind it, as in tf.random.experimental.index_shuffle
FLIPS = {
    "none": (False, False),
    "horizontal": (False, True),
    "vertical": (True, False),
    "both": (True, True),
}


class Augmentation(Protocol):
    """How training images are varied."""

    @property
    def flip(self) -> str:
        """Mirrored at random: "none", "horizontal" (left and right), "vertical" or "both"."""

    @property
    def crop(self) -> float:
        """Largest shift as a share of the side, 0 to 0.5; what is uncovered repeats the edge."""


def training_batches(
    x: NDArray[np.uint8] | tf.Tensor,
    y: NDArray[np.int64] | tf.Tensor,
    *,
    batch_size: int,
    seed: int,
    augmentation: Augmentation,
    skip_steps: int = 0,
) -> tf.data.Dataset:
    """Return endless batches of the examples, shuffled anew in each epoch.

    A batch may hold the end of one epoch and the beginning of the next; each epoch has every
    example once.

    Args:
        x: Images, `(examples, height, width, channels)`.
        y: Labels, `(examples,)`.
        batch_size: Images of every batch, also where there are fewer examples.
        seed: Of the order and of the augmentation.
        augmentation: How images are varied.
        skip_steps: Batches to leave out at the beginning, to go on where training stopped.
    """
    count = len(x)
    gather = _gatherer(x, y)

    def batch(step: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        positions = step * batch_size + tf.range(batch_size, dtype=tf.int64)
        images, labels = gather(_shuffled(positions, count, seed))
        return _augmented(images, augmentation, tf.stack([tf.cast(seed, tf.int64), step])), labels

    steps = tf.data.Dataset.range(skip_steps, ENDLESS)
    batches = _mapped(steps, batch)
    batches = batches.apply(tf.data.experimental.assert_cardinality(tf.data.INFINITE_CARDINALITY))
    return _untuned(batches.prefetch(2))


def evaluation_batches(
    x: NDArray[np.uint8] | tf.Tensor, y: NDArray[np.int64] | tf.Tensor, *, batch_size: int
) -> tf.data.Dataset:
    """Return each example once, in order; the last batch may be smaller.

    Args:
        x: Images, `(examples, height, width, channels)`.
        y: Labels, `(examples,)`.
        batch_size: Images of a batch.
    """
    indices = tf.data.Dataset.range(len(x)).batch(batch_size)
    return _untuned(_mapped(indices, _gatherer(x, y)).prefetch(2))


def _mapped(indices: tf.data.Dataset, function: Any) -> tf.data.Dataset:
    """Return what the function makes of each element, without AutoGraph.

    There is nothing for it to convert, and it leaves files in the temporary folder.
    """
    plain = tf.autograph.experimental.do_not_convert(function)
    calls = parallel_calls(tf.config.threading.get_inter_op_parallelism_threads())
    return indices.map(plain, num_parallel_calls=calls, deterministic=True)


def parallel_calls(threads: int) -> int:
    """Return how many batches are made at a time by a process that may use so many threads.

    The order of the batches, and what is in them, does not depend on it. Of two cores both are the
    network's; beside a GPU, one core that varies large photos would be what training waits for.
    """
    return max(1, min(threads // CORES_A_CALL, MOST_CALLS))


def _untuned(batches: tf.data.Dataset) -> tf.data.Dataset:
    """Return the batches without TensorFlow's tuning of pipelines: there is nothing to tune.

    Its thread sleeps for ever longer, and giving up an iterator waits until it wakes: up to ten
    seconds at the end of a trial (measured).
    """
    options = tf.data.Options()
    options.autotune.enabled = False
    return batches.with_options(options)


def held_once(dataset: Dataset) -> Dataset:
    """Return the dataset with its arrays as tensors, so that no pipeline copies them again.

    The test split stays as it is: it is read once.
    """
    return replace(
        dataset,
        x_train=_hold(dataset.x_train),
        y_train=_hold(dataset.y_train),
        x_validation=_hold(dataset.x_validation),
        y_validation=_hold(dataset.y_validation),
    )


def _hold(array: Any) -> Any:
    """Return a tensor of the array, or the array itself where it is to stay on the disk."""
    if isinstance(array, np.memmap) and array.nbytes > MAPPED_LIMIT_BYTES:
        return array
    with tf.device("CPU:0"):  # where tf.data runs; else the images go to the GPU and back
        return tf.convert_to_tensor(array)


def _gatherer(x: Any, y: Any) -> Any:
    """Return the function from indices to images and labels."""
    images, labels = _hold(x), _hold(y)
    if isinstance(images, np.memmap):
        return lambda indices: (_read_mapped(images, indices), tf.gather(labels, indices))
    return lambda indices: (tf.gather(images, indices), tf.gather(labels, indices))


def _read_mapped(x: NDArray[np.uint8], indices: tf.Tensor) -> tf.Tensor:
    """Gather from the disk; the operating system keeps in memory what it can."""
    images = tf.numpy_function(
        lambda wanted: np.asarray(x[wanted]), [indices], tf.uint8, stateful=False
    )
    images.set_shape((*indices.shape, *x.shape[1:]))
    return images


def _shuffled(positions: tf.Tensor, count: int, seed: int) -> tf.Tensor:
    """Return the examples at these positions of an endless sequence, shuffled anew each epoch."""
    epochs = tf.cast(positions // count, tf.int32)
    seeds = tf.stack(
        [tf.fill(tf.shape(epochs), seed % 2**31), epochs, tf.zeros_like(epochs)], axis=1
    )
    last = tf.constant(count - 1, tf.int64)
    return tf.raw_ops.RandomIndexShuffle(
        index=positions % count, seed=seeds, max_index=last, rounds=SHUFFLE_ROUNDS
    )


def _augmented(images: tf.Tensor, augmentation: Augmentation, seed: tf.Tensor) -> tf.Tensor:
    """Flip and shift each image on its own."""
    flip_rows, flip_columns = FLIPS[augmentation.flip]
    seeds = tf.unstack(tf.random.split(seed, 4))
    rows = _line_indices(images, 1, flip_rows, augmentation.crop, seeds[0], seeds[1])
    columns = _line_indices(images, 2, flip_columns, augmentation.crop, seeds[2], seeds[3])
    if rows is not None:
        images = tf.gather(images, rows, axis=1, batch_dims=1)
    return images if columns is None else tf.gather(images, columns, axis=2, batch_dims=1)


def _line_indices(
    images: tf.Tensor,
    axis: int,
    flip: bool,
    crop: float,
    flip_seed: tf.Tensor,
    shift_seed: tf.Tensor,
) -> tf.Tensor | None:
    """Return which row (or column) of an image comes where, `(batch, side)`; None: none moves."""
    batch, side = tf.shape(images)[0], images.shape[axis]
    reach = int(crop * side)
    if not flip and not reach:
        return None
    lines = tf.range(side)[None, :]
    if reach:
        shifts = tf.random.stateless_uniform(
            [batch, 1], shift_seed, -reach, reach + 1, dtype=tf.int32
        )
        lines = tf.clip_by_value(lines + shifts, 0, side - 1)
    if flip:
        flipped = tf.random.stateless_uniform([batch, 1], flip_seed, 0, 2, dtype=tf.int32)
        lines = lines + flipped * (side - 1 - 2 * lines)
    return lines
