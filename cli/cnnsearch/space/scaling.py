"""EfficientNet compound scaling (Tan & Le 2019, arXiv:1905.11946, equation 3), of any network.

Rounding is that of the paper's code, `round_filters` and `round_repeats` in
https://github.com/tensorflow/tpu/blob/master/models/official/efficientnet/efficientnet_model.py
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from cnnsearch.space.settings import MOST_BLOCKS

DIVISOR, LEAST_SHARE = 8, 0.9
NOISE = 1e-9  # of powers: 1.2**2 * 25 is not to become 37 blocks
TOO_DEEP = MOST_BLOCKS + 1  # enough to be refused: nobody waits for 10**10 blocks to be drawn


@dataclass(frozen=True)
class Scaling:
    """Multipliers (no unit) applied to a network."""

    depth: float = 1.0
    width: float = 1.0
    resolution: float = 1.0

    def scaled_depth(self, blocks: int) -> int:
        """Return how many blocks a stage has: never fewer than the factor says, or TOO_DEEP."""
        return min(max(1, math.ceil(blocks * self.depth - NOISE)), TOO_DEEP)

    def scaled_width(self, channels: int) -> int:
        """Return how many channels: as they are where nothing is scaled."""
        return channels if self.width == 1 else rounded_width(channels * self.width)

    @property
    def cost(self) -> float:
        """Return how many times the MACs are what they were, about."""
        return self.depth * self.width**2 * self.resolution**2


def compound_scaling(phi: float, depth: float, width: float, resolution: float) -> Scaling:
    """Return the multipliers for compound coefficient `phi` (0 changes nothing)."""
    return Scaling(depth**phi, width**phi, resolution**phi)


def rounded_width(channels: float) -> int:
    """Return the nearest multiple of 8, or the next where that takes away more than a tenth."""
    rounded = max(DIVISOR, int(channels + DIVISOR / 2) // DIVISOR * DIVISOR)
    return rounded if rounded >= LEAST_SHARE * channels else rounded + DIVISOR
