"""What training costs on this machine, learned from the trials so far."""

from __future__ import annotations

from statistics import median


class StepCost:
    """Predicts training time as proportional to MACs x images."""

    def __init__(self) -> None:
        self._seconds_per_mac: list[float] = []

    def observe(self, *, macs: int, seconds_per_image: float | None) -> None:
        """Take in what an image took in a trial whose network needs `macs` MACs."""
        if seconds_per_image and macs > 0:
            self._seconds_per_mac.append(seconds_per_image / macs)

    def predict_s(self, *, macs: int, images: int) -> float | None:
        """Return the seconds that training on `images` images takes; None before any experience."""
        if not self._seconds_per_mac:
            return None
        return median(self._seconds_per_mac) * macs * images
