"""The number of candidates, against going through all of them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from itertools import islice
from random import Random
from typing import Any

import pytest
from tests.space.conftest import Load

from cnnsearch.errors import SpaceError
from cnnsearch.space import SearchSpace, Setting, Value, counting, draw, load_space, shipped_spaces
from cnnsearch.space.counting import count_candidates, count_networks, endless_settings

SPACES = {
    "nothing is free": "stages: {count: 2, width: 8}",
    "one setting": "stages: {count: 2, width: {values: [8, 16, 24]}}",
    "per stage": """
  stages:
    count: {min: 1, max: 3}
    width: {values: [8, 16]}
    pooling: {values: [max, average], per: stage}
""",
    "per block": """
  stages:
    count: {min: 1, max: 2}
    width: 8
    depth: {min: 1, max: 2, per: stage}
    kernel_size: {values: [3, 5], per: block}
""",
    "a condition": """
  stem:
    width: 8
    stride: {values: [1, 2]}
    pooling: {values: [none, max, average], when: "stride == 2"}
  stages: {count: 1, width: {values: [8, 16]}}
""",
    "a condition within a stage": """
  stages:
    count: {values: [1, 2]}
    block: {values: [conv, residual], per: stage}
    depth: {min: 1, max: 2, per: stage}
    width: 8
    kernel_size: {values: [3, 5, 7], per: block, when: "block == 'conv'"}
""",
    "a condition on the pooling of a stage": """
  stages:
    count: {values: [1, 3]}
    width: 8
    kernel_size: {values: [3, 5, 7], per: stage, when: "pooling != 'none'"}
    pooling: {values: [max, none], per: stage}
""",
    "the window of a pooling that is the same everywhere but after the last stage": """
  stages:
    count: 2
    width: 16
    pooling: {values: [max, stride]}
    pooling_size: {values: [2, 3], per: stage}
""",
    "the window of a pooling that is fixed": """
  stages:
    count: {values: [1, 3]}
    width: 8
    pooling: max
    pooling_size: {values: [2, 3], per: stage}
    kernel_size: {values: [3, 5], per: stage, when: "pooling_size == 2"}
""",
    "a condition on the pooling of the model": """
  stages:
    count: {values: [1, 2]}
    width: 8
    pooling: {values: [max, average]}
    kernel_size: {values: [3, 5, 7], per: block, when: "pooling != 'none'"}
""",
    "rows": """
  stages:
    - width: {values: [8, 16]}
      depth: {min: 1, max: 3}
      dropout: {min: 0, max: 0.2, step: 0.1, per: block}
    - {width: 8, kernel_size: {values: [3, 5]}}
""",
    "scaled blocks": """
  scaling: {phi: {values: [0, 1, 2]}, depth: 1.3}
  stages:
    count: {values: [1, 2]}
    width: 8
    kernel_size: {values: [3, 5], per: block}
""",
}
MOST_TO_GO_THROUGH = 300
ANY_VALUES: Mapping[str, list[Value]] = {
    "depth": [1, 2],
    "block": ["conv", "mbconv", "residual"],
    "pooling": ["max", "stride", "none"],
    "pooling_size": [2, 3],
    "attention": ["squeeze", "cbam"],
    "squeeze_ratio": [0, 0.5],
    "expansion": [1, 2],
}
ANY_CONDITIONS = [
    "block == 'mbconv'",
    "depth > 1",
    "count > 1 and pooling == 'max'",
    "not (pooling in ['max', 'none'])",
    "pooling_size == 3",
    "architecture.activation == 'relu'",
    "architecture.scaling.phi > 0",
    "training.optimizer == 'sgd'",
]
TRAINING = """
training:
  optimizer: {values: [adamw, sgd]}
  batch_size: {values: [32, 64], when: "optimizer == 'sgd'"}
  learning_rate: {min: 0.001, max: 0.1, log: true}
"""


def space_of(load: Load, architecture: str) -> SearchSpace:
    return load(f"name: counted\narchitecture:\n  {architecture.strip()}\n{TRAINING}")


def every_candidate(space: SearchSpace) -> Iterator[Mapping[str, Value]]:
    """Draw again and again, each time with the last choice changed that has a value left."""
    path: list[int] = []
    while True:
        sizes: list[int] = []

        def choose(setting: Setting, sizes: list[int] = sizes) -> Value:
            size = setting.domain.size()
            if size is None:
                return setting.first_guess()
            sizes.append(size)
            if len(path) < len(sizes):
                path.append(0)
            return setting.domain.at(path[len(sizes) - 1])

        yield draw(space, choose).settings
        while path and path[-1] == sizes[len(path) - 1] - 1:
            path.pop()
        if not path:
            return
        path[-1] += 1


def any_setting(values: list[Value], rng: Random, scopes: tuple[str, ...] = ()) -> Any:
    """Return a fixed setting or a free one, of any of its scopes and at times with a condition."""
    if rng.random() < 0.3:
        return rng.choice(values)
    free: dict[str, Any] = {"values": rng.sample(values, rng.randint(1, len(values)))}
    scope = rng.choice(("model", *scopes))
    free |= {"per": scope} if scope != "model" else {}
    return free | ({"when": rng.choice(ANY_CONDITIONS)} if scopes and rng.random() < 0.3 else {})


def any_space(rng: Random) -> dict[str, Any]:
    stages: dict[str, Any] = {"count": any_setting([1, 2, 3], rng), "width": 8}
    for name in [each for each in ANY_VALUES if rng.random() < 0.5]:
        of_stages_only = name == "depth" or name.startswith("pooling")
        scopes = ("stage",) if of_stages_only else ("stage", "block")
        stages[name] = any_setting(ANY_VALUES[name], rng, scopes)
    return {
        "architecture": {
            "activation": any_setting(["relu", "swish"], rng),
            "scaling": {"phi": any_setting([0, 1, 2], rng), "depth": 1.2},
            "stages": stages,
        },
        "training": {"optimizer": any_setting(["sgd", "adamw"], rng)},
    }


@pytest.mark.parametrize("name", SPACES)
def test_the_count_is_what_going_through_all_gives(name: str, load: Load) -> None:
    space = space_of(load, SPACES[name])

    found = [str(settings) for settings in every_candidate(space)]

    assert len(set(found)) == len(found)
    assert count_candidates(space) == counting.Count(len(found))


@pytest.mark.parametrize("seed", range(40))
def test_the_count_is_right_whatever_the_space(seed: int, load: Load) -> None:
    rng, compared = Random(seed), 0
    while compared < 3:
        document = json.dumps(any_space(rng))
        try:
            space = load(document)
        except SpaceError:  # one setting makes another meaningless
            continue
        found = sum(1 for _ in islice(every_candidate(space), MOST_TO_GO_THROUGH + 1))
        if 2 <= found <= MOST_TO_GO_THROUGH:
            assert count_candidates(space) == counting.Count(found), document
            compared += 1


@pytest.mark.parametrize("name", SPACES)
def test_an_estimate_is_about_right(name: str, load: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    space = space_of(load, SPACES[name])
    exact = count_candidates(space)

    monkeypatch.setattr(counting, "MOST_CASES", 0)
    estimate = count_candidates(space)

    assert not estimate.exact
    assert abs(estimate.number - exact.number) <= 4 * estimate.error + 1


def test_networks_are_counted_without_the_training(load: Load) -> None:
    space = space_of(load, SPACES["one setting"])

    assert count_networks(space) == counting.Count(3)
    assert count_candidates(space) == counting.Count(3 * (1 + 2))


def test_networks_that_depend_on_the_training_are_not_counted(load: Load) -> None:
    kernel_size = "{values: [3, 5], when: \"training.optimizer == 'sgd'\"}"
    space = space_of(load, f"stages: {{count: 1, width: 8, kernel_size: {kernel_size}}}")

    assert count_networks(space) is None
    assert count_candidates(space).number == 1 + 2 * 2


def test_a_setting_of_the_training_with_one_value_and_a_condition_varies_too(load: Load) -> None:
    space = load(
        """
        architecture:
          activation: {values: [relu, swish], when: "training.weight_decay > 0"}
          stages: {count: 2, width: 16}
        training:
          optimizer: {values: [sgd, adamw]}
          weight_decay: {values: [0.1], when: "optimizer == 'sgd'"}
        """
    )

    assert count_networks(space) is None
    assert count_candidates(space).number == sum(1 for _ in every_candidate(space))


def test_ranges_without_steps_have_no_end_of_values(load: Load) -> None:
    assert endless_settings(space_of(load, SPACES["rows"])) == ["training.learning_rate"]


@pytest.mark.parametrize("name", shipped_spaces())
def test_shipped_spaces_are_counted(name: str) -> None:
    space = load_space(name)

    networks = count_networks(space)
    assert networks is not None
    assert 1 <= networks.number <= count_candidates(space).number
