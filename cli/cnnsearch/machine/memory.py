"""The memory of the machine, or of the container in it: what there is, and what is left."""

from __future__ import annotations

import os
import re
from contextlib import suppress
from pathlib import Path

from cnnsearch.machine.control_groups import GROUPS, OWN_GROUP, own_groups

_MEMORY = Path("/proc/meminfo")
# What a control group may hold and holds, in version 2 and in version 1.
_LIMITS = (("memory.max", "memory.current"), ("memory.limit_in_bytes", "memory.usage_in_bytes"))


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


def total_bytes(groups: Path = GROUPS, own_group: Path = OWN_GROUP) -> int | None:
    """Return the memory of the machine, or of the container if that has less; None: nobody tells.

    Args:
        groups: Where Linux' control groups are mounted, of version 2 or 1.
        own_group: Names the control groups of this process.
    """
    found = [_of_machine()]
    found += [_limit_of_group(group) for group in own_groups("memory", groups, own_group)]
    return min((each for each in found if each is not None), default=None)


def _of_machine() -> int | None:
    with suppress(AttributeError, OSError, ValueError):  # not a POSIX system
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return None


def _limit_of_group(group: Path) -> int | None:
    for limit, _ in _LIMITS:
        with suppress(OSError, ValueError):  # `max`: no limit
            return int((group / limit).read_text("ascii"))
    return None


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
