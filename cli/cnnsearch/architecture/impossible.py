"""Refuse a space of which no candidate can be built for the data, with each setting at fault."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnnsearch.architecture.certainty import CertainFault, certain_faults

if TYPE_CHECKING:
    from cnnsearch.architecture.fault import Fault
    from cnnsearch.space import SearchSpace
    from cnnsearch.space.places import Path

STAGES: Path = ("architecture", "stages")
STEM: Path = ("architecture", "stem")
ADVICE = {
    "groups": "use a number that divides both",
    "squeeze_ratio": "use a larger share, or 0 for no attention",
    "dilation": "use one of them",
    "kernel_size": "use a smaller one, `{padding}: same`, or fewer strides and poolings before it",
    "stride": "use fewer strides and poolings, larger images, or `architecture.smallest_map`",
    "resolution": "use another factor or a smaller `phi`",
    "depth": "use a smaller factor of `scaling`, or a smaller `phi`",
    "width": "use fewer channels, or a smaller factor of them",
    "pooling_padding": "use fewer pixels of `pooling_padding`, or a larger `pooling_size`",
}


def refuse_impossible(space: SearchSpace, input_shape: tuple[int, int, int], classes: int) -> None:
    """Raise SpaceError where it is certain that no candidate can be built for such images.

    What depends on the draw is left to the search, which draws again.

    Args:
        space: The search space.
        input_shape: (height, width, channels) of the data.
        classes: How many classes the data has.

    Raises:
        SpaceError: Nothing can be built; it holds the faults with where they were written.
    """
    problems = space.origin.problems()
    for found in certain_faults(space, input_shape, classes):
        paths = _settings_at_fault(found, repeated=space.plan.repeated)
        written = (path for path in paths if path in space.origin.written)
        problems.add(next(written, paths[0]), _message(found))
    height, width, channels = input_shape
    images = f"images of {height}x{width}x{channels}"
    problems.raise_if_any(f"{space.origin.title} describes no network that fits {images}")


def _message(found: CertainFault) -> str:
    fault = found.fault
    others = ", and no other draw fits" if found.is_drawn else ""
    return f"{fault.reason} ({fault.where}){others}; {advice_for(fault)}"


def advice_for(fault: Fault) -> str:
    """Return what to change in the space."""
    padding = "pooling_padding" if fault.is_of_pooling else "padding"
    return ADVICE[fault.setting].format(padding=padding)


def _settings_at_fault(found: CertainFault, *, repeated: bool) -> list[Path]:
    """Return the settings that could be changed: the first that the file has is the one to name."""
    fault = found.fault
    if fault.setting == "resolution":
        return [("architecture", "scaling", "resolution")]
    row: Path = STEM if fault.stage < 0 else STAGES if repeated else (*STAGES, fault.stage)
    if fault.is_of_pooling:
        names = ["pooling_size"] if fault.setting == "kernel_size" else []
        return [(*row, name) for name in (*names, "pooling")]
    if fault.setting == "stride" and _takes_stride_of_pooling(found):
        before: Path = STAGES if repeated else (*STAGES, fault.stage - 1)
        return [(*before, "pooling")]
    names = ["kernel_size", "padding"] if fault.setting == "kernel_size" else [fault.setting]
    return [(*row, name) for name in names]


def _takes_stride_of_pooling(found: CertainFault) -> bool:
    """Return whether a block strides because the stage before it halves its map that way."""
    stages, own = found.candidate.architecture.stages, found.fault.stage
    return own > 0 and stages[own].blocks[0].stride == 1
