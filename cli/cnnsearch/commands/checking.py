"""What commands tell of a space before they use it: what is odd, and whether it fits the data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cnnsearch.space import Override, SearchSpace


def load_with_data(name: str, overrides: Sequence[str | Override]) -> SearchSpace:
    """Load a search space that is to be used: a dataset that is not there is one of its problems.

    Raises:
        SpaceError: It is not valid; the error holds every problem found.
    """
    from cnnsearch.data.sources import unknown_source
    from cnnsearch.space import load_space

    return load_space(name, overrides, unknown_source=unknown_source)


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


def refuse_unfit(found: Mapping[str, Any]) -> None:
    """Refuse an inspected space of which nothing is within the limits.

    Raises:
        NothingFeasibleError: Nothing is.
    """
    from cnnsearch.errors import NothingFeasibleError
    from cnnsearch.screen.inspection_words import nothing_fits

    if (why := nothing_fits(found)) is not None:
        limits = "loosen `constraints` or " if found["limits"] else ""
        raise NothingFeasibleError(f"{why}. Please {limits}change the space")
