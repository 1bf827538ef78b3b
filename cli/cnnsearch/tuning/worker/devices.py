"""What to ask of TensorFlow for the device at hand."""

from __future__ import annotations

from dataclasses import dataclass

import keras
import tensorflow as tf

from cnnsearch.machine.processors import usable_cores
from cnnsearch.tuning.place import Place


@dataclass(frozen=True)
class Device:
    """The device to train on, and how."""

    name: str
    jit_compile: bool  # XLA: on a CPU it compiles twice as long and trains no faster (measured)
    dtype_policy: str


def dtype_policy_for(compute_capability: tuple[int, int] | None) -> str:
    """Return the precision that a GPU of this compute capability trains fastest in.

    bfloat16 needs no loss scaling and Ampere (8.0); float16 on tensor cores needs Volta (7.0).
    """
    if compute_capability is None or compute_capability < (7, 0):
        return "float32"
    return "mixed_bfloat16" if compute_capability >= (8, 0) else "mixed_float16"


def set_up_device(place: Place) -> Device:
    """Choose the worker's GPU, or the CPU, and set TensorFlow and Keras up for it.

    More threads than cores of its own only take time from the other workers, and a container's
    quota of CPU time, which TensorFlow does not see, would make it wait in the middle of a step.
    """
    threads = place.threads(usable_cores())
    tf.config.threading.set_intra_op_parallelism_threads(threads)
    tf.config.threading.set_inter_op_parallelism_threads(threads)
    gpus = tf.config.list_physical_devices("GPU")
    index = place.gpu(len(gpus))
    if index is None:
        return Device("CPU", jit_compile=False, dtype_policy="float32")
    gpu = gpus[index]
    tf.config.set_visible_devices(gpu, "GPU")
    tf.config.experimental.set_memory_growth(gpu, True)  # other workers may share the machine
    details = tf.config.experimental.get_device_details(gpu)
    policy = dtype_policy_for(details.get("compute_capability"))
    keras.config.set_dtype_policy(policy)
    return Device(details.get("device_name", "GPU"), jit_compile=True, dtype_policy=policy)
