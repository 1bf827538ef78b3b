"""Which settings of a candidate its fault depends on: with others changed, it has the fault still.

It errs on the safe side: a setting that is named here may turn out to make no difference.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cnnsearch.space.leaves import leaf_path

if TYPE_CHECKING:
    from cnnsearch.architecture.fault import Fault
    from cnnsearch.space import ArchitectureSettings, Candidate, SearchSpace

_OF_STAGES = re.compile(r"^architecture\.stages(?:\.(\d+))?(?:\.blocks\.\d+)?\.(\w+)$")
POOLING = frozenset({"pooling", "pooling_size", "pooling_stride", "pooling_padding"})
WINDOW = frozenset({"block", "kernel_size", "dilation", "depth"})  # of a stage without padding
NETWORK = frozenset({"input.resolution", "smallest_map", "scaling.resolution", "scaling.phi"})
STEM = frozenset({"stem.stride", "stem.padding", *(f"stem.{name}" for name in POOLING)})
NOTHING: frozenset[str] = frozenset()


def depends_on(space: SearchSpace, candidate: Candidate, fault: Fault) -> list[str]:
    """Return the paths of the drawn settings that the fault depends on, in order of drawing."""
    dependence = _Dependence(fault, candidate.architecture)
    read = _read_by_conditions(space, dependence)
    return [
        path for path in candidate.choices if dependence.on(path) or leaf_path(path, read) in read
    ]


def _read_by_conditions(space: SearchSpace, dependence: _Dependence) -> set[str]:
    """Return what decides whether the settings that matter are drawn, or have their default."""
    conditions = {leaf.path: leaf.when for leaf in space.plan.drawn if leaf.when}
    waiting = [path for path in conditions if dependence.on(path)]
    read: set[str] = set()
    while waiting:
        new = set(conditions[waiting.pop()].reads) - read
        read |= new
        waiting += [path for path in new if path in conditions]
    return read


@dataclass(frozen=True)
class _Dependence:
    """What a fault of this network depends on."""

    fault: Fault
    settings: ArchitectureSettings

    def on(self, path: str) -> bool:
        """Return whether it depends on a setting; one of all stages counts as one of each."""
        match = _OF_STAGES.match(path)
        if match is None:
            return path.removeprefix("architecture.") in self._of_network()
        number, name = match.groups()
        if name == "count":
            return self._depends_on_count()
        stages = self._stages() if number is None else [int(number)]
        return any(name in self._of_stage(stage) for stage in stages)

    def _stages(self) -> range:
        return range(len(self.settings.stages))

    def _is_adapted(self) -> bool:
        """Return whether the strides of all stages decide which of them are left out."""
        return self.settings.smallest_map is not None

    def _depends_on_count(self) -> bool:
        """Return whether with other stages the faulty one could be missing, or be the last."""
        of_size = self.fault.is_of_size or self.fault.setting == "dilation"
        pooling = self.fault.is_of_pooling and self.fault.stage >= 0
        return self.fault.stage > 0 or pooling or (of_size and self._is_adapted())

    def _of_network(self) -> frozenset[str]:
        if self.fault.is_of_size or (self.fault.setting == "dilation" and self._is_adapted()):
            stem = self.settings.stem
            window = stem is not None and stem.padding != "same"
            depth = any("depth" in self._of_stage(stage) for stage in self._stages())
            return frozenset(self._names(NETWORK | STEM, window=window, depth=depth))
        if self.fault.setting == "dilation":
            return NOTHING
        stem_width = frozenset({"stem.width"}) if self.fault.stage == 0 else NOTHING
        scaled = frozenset({"scaling.width", "scaling.phi"})
        return frozenset(self._names(scaled | stem_width, depth=bool(self.fault.block)))

    def _names(
        self, names: frozenset[str], *, window: bool = False, depth: bool = False
    ) -> Iterator[str]:
        yield from names
        if window:
            yield "stem.kernel_size"
        if depth:
            yield "scaling.depth"

    def _of_stage(self, stage: int) -> frozenset[str]:
        if self.fault.is_of_size:
            return self._of_size(stage)
        if self.fault.setting == "dilation":
            return self._of_dilation(stage)
        return self._of_channels(stage)

    def _of_size(self, stage: int) -> frozenset[str]:
        """Return what decides the size of a stage's maps, if these come before the fault."""
        own, last = self.fault.stage, len(self.settings.stages) - 1
        if stage > (last if self._is_adapted() else own):
            return NOTHING
        names = frozenset({"stride", "padding"})
        if stage < own or self.fault.is_of_pooling or self._is_adapted():
            names |= POOLING
        # With padding, every window of a block leaves ceil(side / stride) pixels.
        blocks = self.settings.stages[stage].blocks
        return names if all(block.padding == "same" for block in blocks) else names | WINDOW

    def _of_dilation(self, stage: int) -> frozenset[str]:
        """Return what decides whether a convolution has both stride and dilation."""
        own = self.fault.stage
        names = {"dilation", "block", "stride_in", "stride"} if stage == own else set()
        if stage == own - 1:
            names = {"pooling"}
        return frozenset(names | self._of_size(stage) if self._is_adapted() else names)

    def _of_channels(self, stage: int) -> frozenset[str]:
        """Return what decides how many channels the faulty block has, and what splits them."""
        own, setting = self.fault.stage, self.fault.setting
        if stage == own - 1:
            return frozenset({"width", "width_growth"})
        if stage != own:
            return NOTHING
        names = {"width", "width_growth", "block", "expansion", "growth", "layers", setting}
        return frozenset(names | {"depth"} if self.fault.block else names)
