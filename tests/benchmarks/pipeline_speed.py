"""How many images a second the pipeline hands to a network, by how many batches it makes at a time.

Batches of varied photos are taken and thrown away, in turns, so that what else the machine does
strikes all alike. A GPU that trains more images than this waits for them.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from statistics import median
from typing import Any
from unittest.mock import patch

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # read when TensorFlow is loaded

import numpy as np

from cnnsearch.data import pipelines

TURN = 20  # batches


@dataclass(frozen=True)
class Varied:
    """What the default space may do to an image, all of it."""

    flip: str = "horizontal"
    crop: float = 0.1


def main() -> None:
    """Print a row for each number of batches that are made at a time."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--side", type=int, default=224, help="Pixels of an image's side; 224.")
    parser.add_argument("--batch", type=int, default=64, help="Images of a batch; 64.")
    parser.add_argument("--turns", type=int, default=9, help="Turns of each; 9.")
    parser.add_argument("--calls", type=int, nargs="+", default=[1, 2], help="To compare; 1 2.")
    options = parser.parse_args()

    batches = {calls: _batches(options.side, options.batch, calls) for calls in options.calls}
    seconds: dict[int, list[float]] = {calls: [] for calls in options.calls}
    for _ in range(options.turns):
        for calls, endless in batches.items():
            started = time.perf_counter()
            for _ in range(TURN):
                next(endless)
            seconds[calls].append(time.perf_counter() - started)
    _report(seconds, options.side, TURN * options.batch)


def _batches(side: int, batch: int, calls: int) -> Iterator[Any]:
    images = np.random.default_rng(1).integers(0, 256, (8 * batch, side, side, 3), dtype=np.uint8)
    labels = np.zeros(len(images), np.int64)
    with patch.object(pipelines, "parallel_calls", lambda threads: calls):
        endless: Iterator[Any] = iter(
            pipelines.training_batches(
                images, labels, batch_size=batch, seed=1, augmentation=Varied()
            )
        )
    next(endless)  # traced
    return endless


def _report(seconds: dict[int, list[float]], side: int, images: int) -> None:
    first = median(next(iter(seconds.values())))
    print("| `pipeline_speed.py` | images a second | times the first |")
    print("|---|---|---|")
    for calls, times in seconds.items():
        speed = images / median(times)
        print(f"| {side}x{side}, {calls} at a time | {speed:,.0f} | {first / median(times):.2f} |")


if __name__ == "__main__":
    main()
