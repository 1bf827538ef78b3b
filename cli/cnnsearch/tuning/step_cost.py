"""What training costs on this machine, learned from the trials so far."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection
from dataclasses import dataclass
from math import log
from statistics import fmean, median

# How many MACs take as long as writing one byte of a map, from a machine that only computes to one
# that only waits for its memory; tests/benchmarks/step_cost.py measures it.
MACS_PER_BYTE = (0.0, 5.0, 10.0, 20.0, 40.0, 80.0, 160.0, 320.0)
USUAL = MACS_PER_BYTE.index(20.0)  # on two cores; what is believed until trials tell otherwise
RECENT = 50  # trials that count: what else the machine does changes, and each fit reads them all
STUBBORNNESS = 0.1  # error, summed over the trials, that a step away from there must save


@dataclass(frozen=True)
class Work:
    """What a network does with one image."""

    macs: int
    traffic: int  # bytes of all maps that it writes

    def amount(self, macs_per_byte: float) -> float:
        """Return all of it in MACs."""
        return self.macs + macs_per_byte * self.traffic


class StepCost:
    """Predicts training time as proportional to MACs and memory traffic, in a learned mixture."""

    def __init__(self) -> None:
        self._seen: deque[tuple[Work, float]] = deque(maxlen=RECENT)  # and seconds an image
        self._mixture: tuple[float, float] | None = None  # MACs per byte, seconds per MAC

    def observe(self, work: Work, seconds_per_image: float | None) -> None:
        """Take in what an image took in the training of a network."""
        if seconds_per_image and work.macs > 0:
            self._seen.append((work, seconds_per_image))
            self._mixture = None

    def predict_s(self, work: Work, *, images: int) -> float | None:
        """Return the seconds that training on `images` images takes; None before any experience."""
        if not self._seen:
            return None
        macs_per_byte, seconds_per_mac = self._fitted()
        return seconds_per_mac * work.amount(macs_per_byte) * images

    @property
    def macs_per_byte(self) -> float:
        """How many MACs a byte of traffic is worth here; the usual number before any experience."""
        return self._fitted()[0] if self._seen else MACS_PER_BYTE[USUAL]

    def _fitted(self) -> tuple[float, float]:
        self._mixture = self._mixture or _fit(self._seen)
        return self._mixture


def _fit(seen: Collection[tuple[Work, float]]) -> tuple[float, float]:
    """Return the mixture that explains the times best: MACs per byte, and seconds per MAC."""
    fits = []
    for index, macs_per_byte in enumerate(MACS_PER_BYTE):
        speeds = [seconds / work.amount(macs_per_byte) for work, seconds in seen]
        usual = median(speeds)
        error = len(speeds) * fmean(abs(log(speed / usual)) for speed in speeds)
        fits.append((error + STUBBORNNESS * abs(index - USUAL), macs_per_byte, usual))
    _, macs_per_byte, seconds_per_mac = min(fits)
    return macs_per_byte, seconds_per_mac
