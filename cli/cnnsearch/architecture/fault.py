"""What is wrong with the geometry of one network, in which part, and how to neutralize it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cnnsearch.architecture.infeasible import InfeasibleError
    from cnnsearch.space import ArchitectureSettings, StageSettings

_STAGE = re.compile(r"^stage(\d+)(?:\.block(\d+))?")
HARMLESS = {"groups": 1, "squeeze_ratio": 0.0, "dilation": 1}  # values that fit any block
OF_SIZE = frozenset({"kernel_size", "stride", "resolution"})
ENDLESS = 2**300  # pixels of a side: a row of 5 bits each for 60 stages


@dataclass(frozen=True)
class Fault:
    """Why a network cannot be: `reason` in row `where`, for which `setting` is at fault."""

    setting: str
    reason: str
    where: str

    @classmethod
    def of(cls, error: InfeasibleError) -> Fault:
        """Return the fault that an error tells of."""
        return cls(error.setting, error.reason, error.where)

    def __str__(self) -> str:
        """Return the row and the reason."""
        return f"{self.where}: {self.reason}" if self.where else self.reason

    @property
    def stage(self) -> int:
        """Return the number of the stage; -1 before all stages."""
        match = _STAGE.match(self.where)
        return int(match[1]) if match else -1

    @property
    def block(self) -> int | None:
        """Return the number of the block in its stage, or None outside of all blocks."""
        match = _STAGE.match(self.where)
        return int(match[2]) if match and match[2] else None

    @property
    def is_of_pooling(self) -> bool:
        """Return whether it is in the pooling of the stem or after a stage."""
        return self.block is None and self.where.endswith("pooling")

    @property
    def is_of_size(self) -> bool:
        """Return whether a map is too small, which depends on all that comes before."""
        return self.setting in OF_SIZE

    @property
    def is_traced(self) -> bool:
        """Return whether it is known which settings it depends on, and how to neutralize it."""
        return self.is_of_size or self.setting in HARMLESS


def without(
    settings: ArchitectureSettings, faults: Sequence[Fault], *, repeated: bool
) -> ArchitectureSettings:
    """Return the network with each fault neutralized, to see what else is wrong with it.

    With `repeated`, what is at fault in one stage is so in all, which share one row of the file.
    """
    for fault in faults:
        if fault.is_of_size:
            settings = _on_endless_images(settings)
        else:
            everywhere = range(len(settings.stages))
            settings = _harmless(settings, fault.setting, everywhere if repeated else [fault.stage])
    return settings


def _harmless(
    settings: ArchitectureSettings, setting: str, stages: Sequence[int]
) -> ArchitectureSettings:
    """Return the network with a setting of the blocks of some stages at a harmless value."""
    update = {setting: HARMLESS[setting]}
    changed = [
        _with_blocks(stage, update) if number in stages else stage
        for number, stage in enumerate(settings.stages)
    ]
    return settings.model_copy(update={"stages": tuple(changed)})


def _on_endless_images(settings: ArchitectureSettings) -> ArchitectureSettings:
    """Return the network on images that no strides and windows make too small.

    Of these no strides are left out for `smallest_map`: then they may not meet a dilation either.
    """
    if settings.smallest_map is not None:
        settings = _harmless(settings, "dilation", range(len(settings.stages)))
    endless = settings.input.model_copy(update={"resolution": ENDLESS})
    return settings.model_copy(update={"input": endless, "resolution_factor": 1.0})


def _with_blocks(stage: StageSettings, update: Mapping[str, object]) -> StageSettings:
    blocks = tuple(block.model_copy(update=update) for block in stage.blocks)
    return stage.model_copy(update={"blocks": blocks})
