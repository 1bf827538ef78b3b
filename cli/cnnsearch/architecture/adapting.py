"""A network for large images made fit for small ones: with fewer strides and poolings.

The first ones are left out, as the networks of He et al. 2016 (section 4.2) for CIFAR's 32x32
images have no stride before their stages.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cnnsearch.space import (
        ArchitectureSettings,
        BlockSettings,
        StageSettings,
        StemSettings,
    )


def adapted(settings: ArchitectureSettings, side: int) -> ArchitectureSettings:
    """Return the settings with so few strides that they leave `smallest_map` pixels of a side.

    Only the strides of convolutions and poolings count, not what windows without padding take.
    Nothing changes where `smallest_map` is not given, or where `side` pixels are enough. No pooling
    is a `stride`: see `with_strides_in_blocks`.
    """
    if settings.smallest_map is None:
        return settings
    allowed = side // settings.smallest_map
    strides = _strides(settings)
    fitting = _fitting(strides, allowed)
    return settings if fitting == strides else _with_strides(settings, fitting)


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


def _strides(settings: ArchitectureSettings) -> list[int]:
    """Return by how much each place shrinks the map: stem, its pooling, each stage's two."""
    stem = settings.stem
    strides = [stem.stride if stem else 1, stem.pooling_stride if stem and _pools(stem) else 1]
    for stage in settings.stages:
        strides += [block.stride for block in stage.blocks]
        strides.append(stage.pooling_stride if _pools(stage) else 1)
    return strides


def _fitting(strides: list[int], allowed: int) -> list[int]:
    """Return the strides, the first ones made smaller, until they multiply to `allowed`."""
    fitting, total = list(strides), 1
    for index in reversed(range(len(fitting))):
        while fitting[index] > 1 and total * fitting[index] > allowed:
            fitting[index] = (fitting[index] + 1) // 2
        total *= fitting[index]
    return fitting


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
