"""The search spaces that come with cnnsearch."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from cnnsearch.space import draw, load_space, random_chooser, shipped_spaces

README = Path(__file__).parents[2] / "search_spaces" / "README.md"


def test_the_default_and_a_space_per_family_are_shipped() -> None:
    assert {"default", "lenet", "alexnet", "vgg", "resnet", "efficientnet"} <= set(shipped_spaces())


@pytest.mark.parametrize("name", shipped_spaces())
def test_a_shipped_space_has_the_name_of_its_file_and_draws_many_candidates(name: str) -> None:
    space, rng = load_space(name), random.Random(1)

    drawn = [draw(space, random_chooser(rng)) for _ in range(50)]

    assert space.name == name.rpartition("/")[2]
    assert len({repr(candidate) for candidate in drawn}) > 45


@pytest.mark.parametrize("name", shipped_spaces())
def test_the_readme_lists_a_shipped_space(name: str) -> None:
    assert f"`{name}`" in README.read_text(encoding="utf-8")
