"""What commands tell of a space before they use it: what is odd, and whether it fits the data."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cnnsearch.space import SearchSpace


def shape_and_classes_of(space: SearchSpace) -> tuple[tuple[int, int, int], int]:
    """Warn of what is odd in a space, and return the shape and classes of its data.

    Raises:
        DataError: The dataset cannot be used.
        SpaceError: It is certain that no candidate can be built for the data.
    """
    from cnnsearch.architecture.impossible import refuse_impossible
    from cnnsearch.data.shapes import shape_and_classes
    from cnnsearch.screen.warnings import print_warnings

    print_warnings(space)
    shape, classes = shape_and_classes(space.data.source, space.data.image_size)
    refuse_impossible(space, shape, classes)
    return shape, classes
