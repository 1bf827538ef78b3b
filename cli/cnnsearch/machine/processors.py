"""The cores and GPUs that this process may use."""

from __future__ import annotations

import math
import os
import re
from contextlib import suppress
from pathlib import Path

from cnnsearch.machine.control_groups import GROUPS, OWN_GROUP, own_groups

_DEVICES = Path("/dev")


def count_gpus(devices: Path = _DEVICES) -> int:
    """Return the number of NVIDIA GPUs that this process may see, without loading TensorFlow."""
    present = [path for path in devices.glob("nvidia*") if re.fullmatch(r"nvidia\d+", path.name)]
    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    if visible is None:
        return len(present)
    named = [name for name in visible.split(",") if name.strip() not in ("", "-1")]
    return min(len(present), len(named))


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
