"""Numbers and settings are worded shortly and honestly."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnsearch.screen import wording

paths = st.lists(
    st.lists(st.sampled_from(["stages", "width", "0", "1", "head"]), min_size=1, max_size=4).map(
        ".".join
    ),
    max_size=8,
)


def test_an_accuracy_has_its_interval_and_its_examples() -> None:
    measured = {"accuracy": 0.8965, "low": 0.8824, "high": 0.9091, "count": 2000}

    words = wording.accuracy(measured)

    assert words == "0.8965 (95 % interval 0.8824 to 0.9091, 2,000 examples)"


def test_counts_name_only_what_happened() -> None:
    counts = {"complete": 3, "pruned": 8, "out_of_memory": 1, "error": 0}

    assert wording.trial_counts(counts) == "3 complete, 8 pruned, 1 failed"
    assert wording.trial_counts(counts, by_kind=True).endswith("1 failed (1 out of memory)")
    assert wording.ended_trials({**counts, "trials": 99}) == 12


@given(paths)
def test_short_names_tell_paths_apart(paths: list[str]) -> None:
    names = wording.short_names(paths)

    assert len(set(names.values())) == len(set(paths))
    assert all(f".{path}".endswith(f".{name}") for path, name in names.items())


def test_a_name_is_as_long_as_it_must_be() -> None:
    names = wording.short_names(["a.stem.width", "a.stages.width", "b.optimizer"])

    assert list(names.values()) == ["stem.width", "stages.width", "optimizer"]


def test_settings_that_differ_come_first_and_those_of_the_whole_network_before_others() -> None:
    rows = [
        {"a.same": 1, "a.stages.0.kernel": 3, "a.rate": 0.00123456, "a.units": []},
        {"a.same": 1, "a.stages.0.kernel": 5, "a.rate": 0.1, "a.units": [128]},
    ]

    assert wording.telling_settings(rows) == [
        "rate=0.00123 units=[] kernel=3 same=1",
        "rate=0.1 units=[128] kernel=5 same=1",
    ]


@pytest.mark.parametrize(
    ("size_bytes", "words"), [(999, "999 bytes"), (1_234_567, "1.2 MB"), (3e9, "3.0 GB")]
)
def test_sizes_have_the_fitting_unit(size_bytes: float, words: str) -> None:
    assert wording.size(size_bytes) == words
