"""Learning rates for trainings that may end or go on at any step, and for the winner's last one.

Warm-up, a steady phase, a decay (Hu et al. 2024, arXiv:2404.06395, section 4; Hägele et al. 2024,
arXiv:2405.18392): nobody has to know beforehand how long the steady phase is, and the decay makes
of any of its steps what a whole schedule of that length would have made.
"""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

WARM_UP = 0.3  # share of the first rung over which the learning rate rises


class SteadyRate(keras.optimizers.schedules.LearningRateSchedule):
    """Rising over the first steps, then the same for ever.

    Args:
        peak: Full learning rate.
        warm_up_steps: Training steps over which it rises.
    """

    def __init__(self, peak: float, warm_up_steps: int) -> None:
        self.peak = peak
        self.warm_up_steps = warm_up_steps

    def __call__(self, step: Any) -> Any:
        """Return the learning rate at `step`."""
        risen = (ops.cast(step, "float32") + 1) / max(1, self.warm_up_steps)
        return self.peak * ops.minimum(risen, 1.0)

    def get_config(self) -> dict[str, Any]:
        """Return what makes the same schedule again."""
        return {"peak": self.peak, "warm_up_steps": self.warm_up_steps}


class Annealing(keras.optimizers.schedules.LearningRateSchedule):
    """From the full learning rate straight down to zero.

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
        return self.peak * (1 - ops.clip(self.done, 0.0, 1.0))

    def get_config(self) -> dict[str, Any]:
        """Return what makes the same schedule again."""
        return {"peak": self.peak}
