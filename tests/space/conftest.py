"""Search spaces as text: written to a file, loaded, and their problems as lines."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

from cnnsearch.errors import SpaceError
from cnnsearch.space import Override, SearchSpace, load_space

Load = Callable[..., SearchSpace]
Refused = Callable[..., list[str]]


@pytest.fixture
def load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Load:
    """Return a function that loads a space from text, in an empty folder."""
    monkeypatch.chdir(tmp_path)

    def load_text(text: str, *overrides: str | Override) -> SearchSpace:
        Path("space.yaml").write_text(textwrap.dedent(text), encoding="utf-8")
        return load_space("space.yaml", overrides)

    return load_text


@pytest.fixture
def refused(load: Load) -> Refused:
    """Return a function that loads a wrong space and returns a line for each problem."""

    def lines(text: str, *overrides: str | Override) -> list[str]:
        with pytest.raises(SpaceError) as caught:
            load(text, *overrides)
        return [
            " ".join(filter(None, (problem.where, problem.path, problem.message)))
            for problem in caught.value.problems
        ]

    return lines
