"""The settings of trials are named shortly, always alike, and the telling ones come first."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from cnnsearch.screen.setting_words import short_names, telling_settings

paths = st.lists(
    st.lists(st.sampled_from(["stages", "width", "0", "1", "head"]), min_size=1, max_size=4).map(
        ".".join
    ),
    max_size=8,
)


@given(paths)
def test_short_names_tell_paths_apart(paths: list[str]) -> None:
    names = short_names(paths)

    assert len(set(names.values())) == len(set(paths))
    assert all(f".{path}".endswith(f".{name}") for path, name in names.items())


def test_a_name_is_as_long_as_it_must_be() -> None:
    names = short_names(["a.stem.width", "a.stages.width", "b.optimizer"])

    assert list(names.values()) == ["stem.width", "stages.width", "optimizer"]


def test_settings_that_differ_come_first_and_those_of_the_whole_network_before_others() -> None:
    rows = [
        {"a.same": 1, "a.stages.0.kernel": 3, "a.rate": 0.00123456, "a.units": []},
        {"a.same": 1, "a.stages.0.kernel": 5, "a.rate": 0.1, "a.units": [128]},
    ]

    assert telling_settings(rows) == [
        "rate=0.00123 units=[] 0.kernel=3 same=1",
        "rate=0.1 units=[128] 0.kernel=5 same=1",
    ]


def test_the_number_of_a_stage_is_told_even_where_there_is_only_one() -> None:
    names = short_names(["a.stages.1.kernel_size", "a.stages.1.blocks.0.dropout"])

    assert list(names.values()) == ["1.kernel_size", "1.blocks.0.dropout"]


def test_settings_with_many_values_among_the_rows_come_before_those_with_few() -> None:
    rows = [{"flip": "no", "rate": 1}, {"flip": "yes", "rate": 2}, {"flip": "yes", "rate": 3}]

    assert telling_settings(rows)[0] == "rate=1 flip=no"


def test_names_and_order_are_those_of_the_whole_run() -> None:
    every = [{"head.dropout": 0, "units": 1}, {"stages.dropout": 0}]
    listed = [{"units": 1, "head.dropout": 0}]

    assert telling_settings(listed, every) == ["head.dropout=0 units=1"]
