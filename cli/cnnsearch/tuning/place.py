"""A worker's share of the machine: one GPU where there are GPUs, and some of the cores."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Place:
    """Worker number `index` of `count` that work side by side."""

    index: int = 0
    count: int = 1

    def gpu(self, gpus: int) -> int | None:
        """Return which of so many GPUs is this worker's; too few of them are shared."""
        return self.index % gpus if gpus else None

    def threads(self, cores: int) -> int:
        """Return how many of so many cores are this worker's: at least one."""
        return max(1, cores // self.count + (self.index < cores % self.count))
