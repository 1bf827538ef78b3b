"""What scaling and growing may not make of a network: what the file could not ask for either."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from cnnsearch.architecture.infeasible import InfeasibleError

if TYPE_CHECKING:
    from cnnsearch.space import ArchitectureSettings


def refuse_outgrown(settings: ArchitectureSettings) -> None:
    """Raise InfeasibleError where a stage has too many blocks, or a part too many channels."""
    from cnnsearch.space.settings import MOST_BLOCKS, MOST_CHANNELS

    for number, stage in enumerate(settings.stages):
        if len(stage.blocks) > MOST_BLOCKS:
            reason = f"more than {MOST_BLOCKS} blocks"
            raise InfeasibleError(reason, where=f"stage{number}", setting="depth")
    for part, width in _widths(settings):
        if width > MOST_CHANNELS:
            reason = f"more than {MOST_CHANNELS:,} channels"
            raise InfeasibleError(reason, where=part, setting="width")


def refuse_outgrown_image(height: int, width: int) -> None:
    """Raise InfeasibleError where images are scaled to a size that nobody could ask for."""
    from cnnsearch.space.settings import LEAST_PIXELS, MOST_PIXELS

    if min(height, width) < LEAST_PIXELS:
        reason = f"images of less than {LEAST_PIXELS} pixels"
    elif max(height, width) > MOST_PIXELS:
        reason = f"images of more than {MOST_PIXELS:,} pixels"
    else:
        return
    raise InfeasibleError(reason, where="input.resize", setting="resolution")


def _widths(settings: ArchitectureSettings) -> Iterator[tuple[str, int]]:
    """Yield the name and the channels of stem, head and the first block of each stage."""
    if settings.stem is not None:
        yield "stem", settings.stem.width
    for number, stage in enumerate(settings.stages):
        yield f"stage{number}", stage.blocks[0].width
    if settings.head.width is not None:
        yield "head", settings.head.width
