"""A network for large images made fit for small ones: with fewer strides and poolings.

The first ones are left out, as the networks of He et al. 2016 (section 4.2) for CIFAR's 32x32
images have no stride before their stages.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cnnsearch.space import (
        ArchitectureSettings,
        BlockSettings,
        StageSettings,
        StemSettings,
    )


@dataclass(frozen=True)
class LeftOut:
    """A stride that `smallest_map` has made smaller; 1 is none at all."""

    part: str  # as rows are named: "stem", "stage0", "stage0.block1"
    kind: str  # "stride" or "pooling"
    given: int
    left: int


@dataclass(frozen=True)
class _Place:
    """Where a map shrinks, and whether a pixel that is over counts as a whole one."""

    part: str
    kind: str
    stride: int
    rounds_up: bool

    def shrink(self, side: int, stride: int) -> int:
        return -(-side // stride) if self.rounds_up else side // stride


def adapted(settings: ArchitectureSettings, side: int) -> ArchitectureSettings:
    """Return the settings with so few strides that they leave `smallest_map` pixels of a side.

    Only the strides of convolutions and poolings count, not what windows without padding take.
    Nothing changes where `smallest_map` is not given, or where `side` pixels are enough. No pooling
    is a `stride`: see `with_strides_in_blocks`.

    Args:
        settings: One candidate's choices.
        side: Pixels of the images' shorter side before `scaling`, so that all sizes of a network
            have the same strides, and a larger one never costs less.
    """
    if settings.smallest_map is None:
        return settings
    places = _places(settings)
    fitting = _fitting(places, side, settings.smallest_map)
    if fitting == [place.stride for place in places]:
        return settings
    return _with_strides(settings, fitting)


def left_out(settings: ArchitectureSettings, side: int) -> list[LeftOut]:
    """Return what `adapted` changes, in the order of the network."""
    before = with_strides_in_blocks(settings)
    after = adapted(before, side)
    return [
        LeftOut(given.part, given.kind, given.stride, left.stride)
        for given, left in zip(_places(before), _places(after), strict=True)
        if given.stride != left.stride
    ]


def with_strides_in_blocks(settings: ArchitectureSettings) -> ArchitectureSettings:
    """Return the settings with each pooling `stride` given to the block that does it.

    It does not multiply the block's own stride: the larger of both is taken.
    """
    if all(stage.pooling != "stride" for stage in settings.stages):
        return settings
    stages, least = [], 1
    for stage in settings.stages:
        first, halves = stage.blocks[0], stage.pooling == "stride"
        blocks = (_changed_block(first, max(first.stride, least)), *stage.blocks[1:])
        changes = {"blocks": blocks, "pooling": "none" if halves else stage.pooling}
        stages.append(stage.model_copy(update=changes))
        least = 2 if halves else 1
    return settings.model_copy(update={"stages": tuple(stages)})


def _places(settings: ArchitectureSettings) -> list[_Place]:
    """Return each place that may shrink the map: stem, its pooling, each stage's two."""
    stem = settings.stem
    places = [
        _Place("stem", "stride", stem.stride, _rounds_up(stem.padding, stem.kernel_size))
        if stem
        else _Place("stem", "stride", 1, rounds_up=True),
        _pooling("stem", stem),
    ]
    for number, stage in enumerate(settings.stages):
        for index, block in enumerate(stage.blocks):
            rounds_up = _rounds_up(block.padding, block.kernel_size)
            part = f"stage{number}.block{index}"
            places.append(_Place(part, "stride", block.stride, rounds_up))
        places.append(_pooling(f"stage{number}", stage))
    return places


def _pooling(name: str, part: StemSettings | StageSettings | None) -> _Place:
    if part is None or not _pools(part):
        return _Place(name, "pooling", 1, rounds_up=True)
    rounds_up = _rounds_up(part.pooling_padding, part.pooling_size)
    return _Place(name, "pooling", part.pooling_stride, rounds_up)


def _rounds_up(padding: str | int, size: int) -> bool:
    """Return whether a window leaves ceil(side / stride) pixels: padding gives what it takes."""
    return padding == "same" or (isinstance(padding, int) and 2 * padding >= size - 1)


def _fitting(places: Sequence[_Place], side: int, smallest_map: int) -> list[int]:
    """Return the strides, the first ones made smaller, until they leave `smallest_map` pixels."""
    fitting = [place.stride for place in places]
    for index in reversed(range(len(fitting))):
        while fitting[index] > 1 and _left(places[index:], fitting[index:], side) < smallest_map:
            fitting[index] = (fitting[index] + 1) // 2
    return fitting


def _left(places: Sequence[_Place], strides: Sequence[int], side: int) -> int:
    for place, stride in zip(places, strides, strict=True):
        side = place.shrink(side, stride)
    return side


def _with_strides(settings: ArchitectureSettings, strides: list[int]) -> ArchitectureSettings:
    left = iter(strides)
    stem_stride, stem_pooling = next(left), next(left)
    stem = settings.stem and _changed_stem(settings.stem, stem_stride, stem_pooling)
    stages = []
    for stage in settings.stages:
        blocks = tuple(_changed_block(block, next(left)) for block in stage.blocks)
        stages.append(_changed_stage(stage, blocks, next(left)))
    return settings.model_copy(update={"stem": stem, "stages": tuple(stages)})


def _pools(part: StemSettings | StageSettings) -> bool:
    return part.pooling != "none"


def _changed_stem(stem: StemSettings, stride: int, pooling_stride: int) -> StemSettings:
    changes: dict[str, object] = {"stride": stride, "pooling_stride": pooling_stride}
    if not _pools(stem):
        return stem.model_copy(update={"stride": stride})
    if pooling_stride == 1 < stem.pooling_stride:
        changes["pooling"] = "none"
    return stem.model_copy(update=changes)


def _changed_block(block: BlockSettings, stride: int) -> BlockSettings:
    return block if block.stride == stride else block.model_copy(update={"stride": stride})


def _changed_stage(
    stage: StageSettings, blocks: tuple[BlockSettings, ...], pooling_stride: int
) -> StageSettings:
    changes: dict[str, object] = {"blocks": blocks}
    if _pools(stage) and pooling_stride < stage.pooling_stride:
        changes["pooling_stride"] = pooling_stride
        if pooling_stride == 1:
            changes["pooling"] = "none"
    return stage.model_copy(update=changes)
