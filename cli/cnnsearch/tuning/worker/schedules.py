"""Learning rates for trainings that may end at any rung, and for the winner's last one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

WARM_UP = 0.1  # share of the first rung over which the learning rate rises
HOLD = 0.5  # share of each rung's stretch at full learning rate, before it falls
FLOOR = 0.05  # share of the full learning rate at which a trial is looked at
RESTART = 0.6  # share of the full learning rate from which the winner is annealed
RISE = 0.05  # share of the annealing over which the learning rate rises to there


class RungSchedule(keras.optimizers.schedules.LearningRateSchedule):
    """Full, then falling to `FLOOR` at every rung, where the trial is scored; then full again.

    Warm restarts (Loshchilov & Hutter 2017, arXiv:1608.03983) laid on the rungs: a score near the
    end of a decay tells how the candidate would do, and a trial that goes on loses nothing.

    Args:
        peak: Full learning rate.
        rungs: Training steps of the looks, ascending.
    """

    def __init__(self, peak: float, rungs: Sequence[int]) -> None:
        self.peak = peak
        self.rungs = tuple(rungs)

    def __call__(self, step: Any) -> Any:
        """Return the learning rate at `step`."""
        step = ops.cast(step, "float32")
        ends = ops.convert_to_tensor(self.rungs, "float32")
        starts = ops.convert_to_tensor((0, *self.rungs[:-1]), "float32")
        stretch = ops.minimum(ops.sum(ops.cast(step >= ends, "int32")), len(self.rungs) - 1)
        start, end = ops.take(starts, stretch), ops.take(ends, stretch)
        fall = ops.clip(((step - start) / (end - start) - HOLD) / (1 - HOLD), 0.0, 1.0)
        warm_up = ops.minimum((step + 1) / max(1.0, WARM_UP * self.rungs[0]), 1.0)
        return self.peak * warm_up * (1 - (1 - FLOOR) * fall)

    def get_config(self) -> dict[str, Any]:
        """Return what makes the same schedule again."""
        return {"peak": self.peak, "rungs": self.rungs}


class Annealing(keras.optimizers.schedules.LearningRateSchedule):
    """From `RESTART` of the full learning rate straight down to zero.

    How far it has come is set from outside: the time left decides, and nobody knows beforehand how
    many steps fit into it.

    Args:
        peak: Full learning rate of the search.
    """

    def __init__(self, peak: float) -> None:
        self.peak = peak
        self.done = keras.Variable(0.0, trainable=False, name="annealed")  # share, 0 to 1

    def __call__(self, step: Any) -> Any:
        """Return the learning rate; the training step does not matter."""
        done = ops.clip(self.done, 0.0, 1.0)
        rise = ops.minimum(done / RISE, 1.0)
        return self.peak * RESTART * rise * (1 - done)

    def get_config(self) -> dict[str, Any]:
        """Return what makes the same schedule again."""
        return {"peak": self.peak}
