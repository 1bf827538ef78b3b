"""How many workers search side by side where the user does not say.

On a CPU a small network trains little faster on two threads than on one, so two workers of one
thread each train more images than one of two (tests/benchmarks/two_workers.py tells how many). The
best trial then has a worker to itself while its challengers have the others.
"""

from __future__ import annotations

import os
import re
from contextlib import suppress
from pathlib import Path

from cnnsearch.tuning.budget import Budget
from cnnsearch.tuning.control_groups import GROUPS, OWN_GROUP, own_groups
from cnnsearch.tuning.place import usable_cores

MOST_ON_CPU = 4  # each loads the libraries and the data anew
WORKER_BYTES = 1_500_000_000  # of free memory besides; on the default space it holds 0.8 GB
SHORTEST_S = 60.0  # to search; where time is shorter, starting two would take too much of it
_DEVICES, _MEMORY = Path("/dev"), Path("/proc/meminfo")
# What a control group may hold and holds, in version 2 and in version 1.
_LIMITS = (("memory.max", "memory.current"), ("memory.limit_in_bytes", "memory.usage_in_bytes"))


def usual_workers(budget: Budget, worker_bytes: int = 0) -> int:
    """Return one worker a GPU, or on a CPU as many as have a core and memory of their own.

    One alone where trials are counted, so that the same seed finds the same candidates.

    Args:
        budget: Of the run.
        worker_bytes: What each worker takes for the images and to train a network.
    """
    if not budget.ends_by_time or budget.search_until_s < SHORTEST_S:
        return 1
    places = count_gpus() or min(usable_cores(), MOST_ON_CPU)
    memory = free_bytes()
    return (
        places if memory is None else max(1, min(places, memory // (WORKER_BYTES + worker_bytes)))
    )


def count_gpus(devices: Path = _DEVICES) -> int:
    """Return the number of NVIDIA GPUs that this process may see, without loading TensorFlow."""
    present = [path for path in devices.glob("nvidia*") if re.fullmatch(r"nvidia\d+", path.name)]
    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    if visible is None:
        return len(present)
    named = [name for name in visible.split(",") if name.strip() not in ("", "-1")]
    return min(len(present), len(named))


def free_bytes(
    memory: Path = _MEMORY, groups: Path = GROUPS, own_group: Path = OWN_GROUP
) -> int | None:
    """Return the memory that is left, of the machine and of the container; None: nobody tells.

    Args:
        memory: Tells of the machine's memory.
        groups: Where Linux' control groups are mounted, of version 2 or 1.
        own_group: Names the control groups of this process.
    """
    found = [_left_in_machine(memory)]
    found += [_left_in_group(group) for group in own_groups("memory", groups, own_group)]
    return min((each for each in found if each is not None), default=None)


def _left_in_machine(memory: Path) -> int | None:
    with suppress(OSError):
        left = re.search(r"^MemAvailable:\s+(\d+) kB$", memory.read_text("ascii"), re.MULTILINE)
        return 1024 * int(left[1]) if left else None
    return None


def _left_in_group(group: Path) -> int | None:
    """Read the limit of a control group; the cache of files that nobody needs can be taken back."""
    for limit, used in _LIMITS:
        with suppress(OSError, ValueError):  # `max`: no limit
            left = int((group / limit).read_text("ascii")) - int((group / used).read_text("ascii"))
            return left + _idle_cache(group / "memory.stat")
    return None


def _idle_cache(stat: Path) -> int:
    """Return the bytes of idle cache; version 1 tells of the groups within by the total only."""
    pattern = re.compile(r"^(?:total_)?inactive_file (\d+)$", re.MULTILINE)
    with suppress(OSError):
        return max(map(int, pattern.findall(stat.read_text("ascii"))), default=0)
    return 0
