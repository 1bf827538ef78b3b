"""The control groups of Linux that this process is in: what its container, service or job may use.

Version 2 has one tree of groups, version 1 one for each controller, such as `cpu` and `memory`.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

GROUPS = Path("/sys/fs/cgroup")  # where the trees are mounted
OWN_GROUP = Path("/proc/self/cgroup")  # a line a tree: `4:memory:/job`, or `0::/job` of version 2


def own_groups(controller: str, groups: Path = GROUPS, own_group: Path = OWN_GROUP) -> list[Path]:
    """Return the folders of this process's groups and of those around them, innermost first.

    A container may see its own group as the root of the tree, and be told another name of it.
    """
    names = {"": "", controller: ""}  # by controller; version 2 names none
    with suppress(OSError):
        for line in os.fsdecode(own_group.read_bytes()).splitlines():
            _, controllers, name = line.split(":", 2)
            names |= dict.fromkeys(controllers.split(","), name.lstrip("/"))
    return [*_around(groups, names[""]), *_around(groups / controller, names[controller])]


def _around(tree: Path, name: str) -> list[Path]:
    """Return a group and those around it up to the root of its tree, as far as they are there."""
    inner = Path(name)
    folders = [tree / group for group in (inner, *inner.parents)]
    return [folder for folder in folders if folder.is_dir()]
