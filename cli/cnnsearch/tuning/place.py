"""A worker's share of the machine: one GPU where there are GPUs, and some of the cores."""

from __future__ import annotations

import math
import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from cnnsearch.tuning.control_groups import GROUPS, OWN_GROUP, own_groups


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


def usable_cores(groups: Path = GROUPS, own_group: Path = OWN_GROUP) -> int:
    """Return the cores this process may use: those it may run on, within its CPU quota.

    Args:
        groups: Where Linux' control groups are mounted, of version 2 or 1.
        own_group: Names the control group of this process.
    """
    may_run_on = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 0
    cores = may_run_on or os.cpu_count() or 1
    return max(1, min(cores, math.ceil(min(_quotas(groups, own_group), default=cores))))


def _quotas(groups: Path, own_group: Path) -> list[float]:
    """Return the quotas, in cores, of the process's control group and of those around it."""
    found = []
    for group in own_groups("cpu", groups, own_group):
        found += [_quota_v2(group / "cpu.max"), _quota_v1(group)]
    return [quota for quota in found if quota is not None]


def _quota_v2(file: Path) -> float | None:
    """Read `200000 100000`: microseconds of all cores in each so many; `max` is no limit."""
    with suppress(OSError, ValueError, ZeroDivisionError):
        quota, period = file.read_text("ascii").split()
        return float(quota) / float(period) if quota != "max" else None
    return None


def _quota_v1(folder: Path) -> float | None:
    """Read the same from two files; -1 is no limit."""
    with suppress(OSError, ValueError, ZeroDivisionError):
        quota = float((folder / "cpu.cfs_quota_us").read_text("ascii"))
        return (
            quota / float((folder / "cpu.cfs_period_us").read_text("ascii")) if quota > 0 else None
        )
    return None
