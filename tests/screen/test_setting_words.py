"""The settings of trials are named shortly, always alike, and the telling ones come first."""

from __future__ import annotations

import pytest

from cnnsearch.screen.setting_words import changed_settings, short_name, telling_settings
from cnnsearch.space import draw, first_guess, load_space


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("training.optimizer", "optimizer"),
        ("architecture.stem.width", "stem.width"),
        ("architecture.stages.width", "stages.width"),
        ("architecture.stages.block", "block"),
        ("architecture.stages.1.kernel_size", "1.kernel_size"),
        ("architecture.stages.1.blocks.0.dropout", "1.blocks.0.dropout"),
        ("of.another.version", "of.another.version"),
    ],
)
def test_a_name_is_as_long_as_the_language_needs(path: str, name: str) -> None:
    assert short_name(path) == name


@pytest.mark.parametrize("space", ["default", "lenet", "alexnet", "vgg", "resnet", "efficientnet"])
def test_short_names_tell_the_settings_of_a_space_apart(space: str) -> None:
    paths = list(draw(load_space(space), first_guess).settings)
    names = [short_name(path) for path in paths]

    assert len(set(names)) == len(paths)
    assert sum(map(len, names)) < sum(map(len, paths)) / 2


def test_what_is_not_as_the_first_guess_is_told_and_the_rest_counted() -> None:
    stages = "architecture.stages"
    guess = {f"{stages}.0.kernel": 3, "rate": 0.1, "units": [], "gone": 1}
    changed = {f"{stages}.0.kernel": 5, "rate": 0.1, "units": [128], f"{stages}.1.kernel": 3}

    assert changed_settings(guess, guess, most=3) == "nothing"
    assert changed_settings(changed, guess, most=3) == "units=[128] 0.kernel=5 1.kernel=3"
    assert changed_settings(changed, guess, most=1) == "units=[128] and 2 more"


def test_settings_that_differ_come_first_and_those_of_the_whole_network_before_others() -> None:
    rows = [
        {"same": 1, "architecture.stages.0.kernel": 3, "rate": 0.00123456, "units": []},
        {"same": 1, "architecture.stages.0.kernel": 5, "rate": 0.1, "units": [128]},
    ]

    assert telling_settings(rows) == [
        "rate=0.00123 units=[] 0.kernel=3 same=1",
        "rate=0.1 units=[128] 0.kernel=5 same=1",
    ]


def test_settings_with_many_values_come_before_those_with_few() -> None:
    rows = [{"flip": "no", "rate": 1}, {"flip": "yes", "rate": 2}, {"flip": "yes", "rate": 3}]

    assert telling_settings(rows)[0] == "rate=1 flip=no"


def test_the_order_is_that_of_the_whole_run_whichever_trials_are_listed() -> None:
    every = [{"flip": "no", "rate": 1}, {"flip": "yes", "rate": 2}, {"flip": "no", "rate": 3}]

    assert telling_settings([every[0]], every) == ["rate=1 flip=no"]
    assert telling_settings([every[2], every[1]], every)[0] == "rate=3 flip=no"


def test_only_what_is_not_as_in_one_trial_is_told_of_the_others() -> None:
    first = {"flip": "no", "rate": 1, "units": []}
    other = {"flip": "no", "rate": 2, "units": [], "phi": 0.5}

    assert telling_settings([first, other], unlike=first) == ["rate=1", "rate=2 phi=0.5"]
    assert telling_settings([other], [first, other], unlike=first) == ["rate=2 phi=0.5"]


@pytest.mark.parametrize("count", [1, 2])
def test_alone_the_one_that_others_are_told_by_is_unlike_itself_in_nothing(count: int) -> None:
    first = {"flip": "no", "rate": 1}

    assert telling_settings([first] * count, unlike=first) == ["-"] * count
