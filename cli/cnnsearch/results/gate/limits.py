"""The limits that a finished run is judged by."""

from __future__ import annotations

from collections.abc import Sequence

from cnnsearch.errors import UsageError
from cnnsearch.records.folder import RunFolder
from cnnsearch.results.finished import Finished
from cnnsearch.space.gate import GateSection


def limits_of(
    run: Finished, overrides: Sequence[str] = (), *, required: bool = False
) -> GateSection:
    """Return the limits that a run's space sets, with some overridden.

    Raises:
        SpaceError: They are not valid.
        UsageError: Another setting than a limit is overridden; or none is set, and one is required.
    """
    from cnnsearch.space import load_space

    for override in overrides:
        if not override.strip().startswith("gate."):
            raise UsageError(f"--set {override}: the search is over; only gate.* can be changed")
    limits = load_space(RunFolder(run.path).space_file, overrides).gate
    if required and not limits.limits():
        raise UsageError(
            f"the space of {run.name} sets no limits: give one, such as "
            "--set gate.test_accuracy.min=0.9, or a section `gate:` to the space"
        )
    return limits
