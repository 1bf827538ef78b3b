"""The networks that `cnnsearch show` prints and draws, and the first guess of a search space."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any


def first_guess_of(name: str, data: str | None, overrides: Sequence[str] | None) -> dict[str, Any]:
    """Return the network of a search space's first guess.

    Raises:
        UsageError: There is no such space or dataset.
        NothingFeasibleError: The first guess cannot be built.
    """
    from json import dumps

    from cnnsearch.architecture import InfeasibleError, describe
    from cnnsearch.commands.checking import load_with_data, shape_and_classes_of
    from cnnsearch.errors import NothingFeasibleError
    from cnnsearch.results.network import described
    from cnnsearch.space import Override, draw, first_guess

    given = [Override(f"data.source={dumps(data)}", "--data")] if data is not None else []
    space = load_with_data(name, [*given, *(overrides or [])])
    shape, classes = shape_and_classes_of(space)
    candidate = draw(space, first_guess)
    try:
        network = describe(candidate.architecture, shape, classes)
    except InfeasibleError as error:
        raise NothingFeasibleError(f"the first guess of {name} is impossible: {error}") from error
    varies = any(path.startswith("architecture.") for path in candidate.settings)
    title = f"{space.name}, first guess" if varies else space.name
    return described(title, network, space, candidate)


def show_layers(
    described: dict[str, Any], diagram: Path | None, *, every_row: bool, as_json: bool
) -> None:
    """Print a network, and draw it to a file where one is named."""
    import sys

    from cnnsearch.commands.printing import print_json
    from cnnsearch.screen.architecture import print_architecture
    from cnnsearch.screen.diagram import save_diagram

    if diagram is not None:
        save_diagram(described, diagram)
        print(f"Drawing: {diagram}", file=sys.stderr)
    print_json(described) if as_json else print_architecture(described, every_row=every_row)
