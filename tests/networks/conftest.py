"""What the tests of networks share: models are forgotten, and what comments say is read."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import takewhile

import keras
import pytest

from cnnsearch.space import shipped_spaces


@pytest.fixture(autouse=True)
def _forget_earlier_models() -> Iterator[None]:
    yield
    keras.backend.clear_session()


@pytest.fixture(scope="session")
def comment_of() -> Callable[[str], str]:
    """Return the function that gives the comment at the top of a shipped space, as one line."""

    def comment(name: str) -> str:
        lines = shipped_spaces()[name].read_text(encoding="utf-8").splitlines()
        return " ".join(line[1:].strip() for line in takewhile(lambda x: x.startswith("#"), lines))

    return comment


@pytest.fixture(scope="session")
def overrides_for_keras(comment_of: Callable[[str], str]) -> Callable[[str], list[str]]:
    """Return the function that gives each `--set` which makes a shipped space Keras' network."""
    return lambda name: re.findall(r"--set (\S+)", comment_of(name))
