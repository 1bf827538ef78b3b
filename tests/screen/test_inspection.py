"""What a person reads of an inspected space."""

from __future__ import annotations

from io import TextIOWrapper
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from cnnsearch.screen.inspection import print_inspection
from cnnsearch.screen.inspection_page import save_inspection
from cnnsearch.screen.inspection_words import nothing_fits


@pytest.fixture
def found() -> dict[str, Any]:
    percentiles = {"5": 1_000, "25": 2_000, "50": 61_706, "75": 70_000, "95": 80_000}
    bins = [{"from": 900, "to": 9_999, "count": 1}, {"from": 10_000, "to": 80_000, "count": 19}]
    spread = {"min": 900, "max": 80_000, "percentiles": percentiles, "histogram": bins}
    depth = {"min": 8, "max": 8, "percentiles": dict.fromkeys(percentiles, 8)}
    return {
        "version": 1,
        "space": "small",
        "input_shape": [28, 28, 1],
        "classes": 10,
        "candidates": {"number": 12_345, "error": 0, "exact": True},
        "networks": {"number": 3 * 10**14, "error": 3 * 10**12, "exact": False},
        "settings": ["architecture.stages.width", "training.learning_rate"],
        "endless_settings": ["training.learning_rate"],
        "first_guess": {
            "settings": {"architecture.stages.width": 8},
            "impossible": None,
            "misses": [],
            "amounts": {"parameters": 61_706, "macs": 500, "training_memory": 2_000_000},
        },
        "draws": 40,
        "exhaustive": False,
        "stopped_by_time": False,
        "feasible": 20,
        "impossible": {"window of 9 pixels on a map of 4x4": 1},
        "limits": [
            {
                "limit": "parameters <= 80k",
                "removes": 19,
                "removes_alone": 18,
                "nearest_miss": "parameters 80,001 > 80,000",
                "nearest_settings": {"architecture.stages.width": 16, "training.batch_size": 9},
            },
            {
                "limit": "macs <= 1G",
                "removes": 0,
                "removes_alone": 0,
                "nearest_miss": None,
                "nearest_settings": None,
            },
        ],
        "measured_limits": ["latency <= 5 ms"],
        "distributions_of": "feasible",
        "distributions": {
            "parameters": spread,
            "receptive_field": {**depth, "histogram": [{"from": 8, "to": 8, "count": 20}]},
        },
        "drivers": {
            "parameters": [
                {
                    "setting": "architecture.stages.width",
                    "share": 0.61,
                    "lowest": {"values": [8], "mean": 1_234},
                    "highest": {"values": [16, 32], "mean": 56_789},
                }
            ],
            "macs": [],
        },
        "smallest_last_map": 1,
        "idle_settings": {"architecture.stages.pooling": "was active in none of 40 draws"},
        "idle_settings_stopped_by_time": False,
        "narrow_stages": {"stage3": 5},
        "thin_attention": {"stage0": 10},
        "receptive_field": {
            "image_sides": [28, 32],
            "smaller_than_image": 20,
            "smaller_and_joined": 5,
            "larger_than_twice_the_image": 0,
        },
        "warnings": [{"where": "s.yaml:3:3", "path": "architecture.scaling", "message": "is odd"}],
    }


def test_an_inspected_space(found: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    print_inspection(found)

    assert (
        capsys.readouterr().out
        == """\
small for 28x28 grey images of 10 classes
candidates   12,345, times any value in the range of learning_rate
networks     about 3.00e14 (estimated, standard error 1.0 %)
first guess  is within the limits: 61.7k parameters, 500 MACs, 2 MB for a training step
feasible     20 of 40 random candidates (50.0 %)
limit        parameters <= 80k removes 19 (47.5 %), 18 of them by this limit alone; \
nearest miss: parameters 80,001 > 80,000, with stages.width=16
limit        macs <= 1G removes 0 (0.0 %)
measured     latency <= 5 ms, when a trial begins; not counted here
impossible   1 (2.5 %): window of 9 pixels on a map of 4x4

parameters  median 61.7k, 90 % from 1k to 80k
900 to 10k ━━                                       1
10k to 80k ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━ 19

receptive field, in pixels  8
-  25.0 % see less than the image (28 or 32 pixels) with their convolutions; their dense layers \
then read the whole last map, so all of it counts
-  75.0 % see less than the image (28 or 32 pixels), and their head pools over all places: \
nothing relates parts of the image that lie further apart

what drives the cost  share of all differences (of the logarithm) that one setting alone accounts \
for, and the mean at its cheapest and its dearest value
parameters  stages.width 61 %: 1.23k at 8, 56.8k at 16 to 32

worth knowing
-  the smallest last map is 1 pixel wide or high
-  stage3 has a kernel that is larger than its map in 25.0 %
-  stage0 squeezes to a single channel in its attention in 50.0 %
-  architecture.stages.pooling was active in none of 40 draws for these images
"""
    )


def test_an_answer_that_the_time_limit_cut_short_says_so(
    found: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cut = {**found, "stopped_by_time": True, "idle_settings_stopped_by_time": True}
    print_inspection(cut)
    save_inspection(cut, tmp_path / "page.html")

    for shown in (capsys.readouterr().out, (tmp_path / "page.html").read_text(encoding="utf-8")):
        assert "20 of 40 random candidates (50.0 %); more would have taken too long" in shown
        assert "setting makes a difference would have taken too long to try" in shown


def test_a_page_has_the_warnings_that_the_terminal_gets_on_stderr(
    found: dict[str, Any], tmp_path: Path
) -> None:
    save_inspection(found, tmp_path / "page.html")

    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "Warning: s.yaml:3:3  architecture.scaling  is odd" in page


def test_a_space_of_which_nothing_can_be_built(
    found: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    nothing = {"feasible": 0, "distributions": {}, "narrow_stages": {}, "idle_settings": {}}
    guess: dict[str, Any] = {
        "settings": {},
        "impossible": "a window is too large",
        "misses": [],
        "amounts": None,
    }
    nothing |= {"limits": [], "networks": None, "smallest_last_map": None, "first_guess": guess}

    print_inspection({**found, **nothing})

    shown = capsys.readouterr().out
    assert shown.startswith("Nothing fits; impossible: window of 9 pixels on a map of 4x4;")
    assert "first guess  cannot be built: a window is too large" in shown
    assert "feasible     0 of 40 random candidates (0.0 %)" in shown


def test_a_space_with_nothing_within_the_limits_begins_with_the_nearest_misses(
    found: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    guess = {**found["first_guess"], "misses": ["parameters 99,999 > 80,000"]}
    nothing = {**found, "feasible": 0, "first_guess": guess, "distributions_of": "built"}
    print_inspection(nothing)
    save_inspection(nothing, tmp_path / "page.html")

    first = "othing fits; nearest to each limit: parameters 80,001 &gt; 80,000; of 40 random"
    assert first.replace("&gt;", ">") in capsys.readouterr().out.splitlines()[0]
    assert first in (tmp_path / "page.html").read_text(encoding="utf-8")


def test_a_space_of_which_only_the_first_guess_fits_holds_something(found: dict[str, Any]) -> None:
    assert nothing_fits({**found, "feasible": 0}) is None


def test_a_space_of_which_all_was_looked_at_says_so(
    found: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    print_inspection({**found, "exhaustive": True})
    print_inspection({**found, "exhaustive": True, "draws": 1, "feasible": 1})

    shown = capsys.readouterr().out
    assert "20 of all 40 candidates (50.0 %)" in shown
    assert "1 of 1 candidate, the only one (100.0 %)" in shown


def test_an_endless_range_of_the_network_makes_its_networks_endless_too(
    found: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    endless = "architecture.scaling.width"
    print_inspection(
        {**found, "settings": [*found["settings"], endless], "endless_settings": [endless]}
    )

    shown = capsys.readouterr().out
    assert "candidates   12,345, times any value in the range of scaling.width" in shown
    assert "standard error 1.0 %), times any value in the range of scaling.width" in shown


def test_long_lines_are_broken_between_words_and_stay_in_their_column(
    found: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    print_inspection(found, Console(width=50))

    lines = capsys.readouterr().out.splitlines()
    assert "limit        parameters <= 80k removes 19 (47.5" in lines
    assert "             %), 18 of them by this limit alone;" in lines


def test_a_page_is_one_for_people_with_any_screen(found: dict[str, Any], tmp_path: Path) -> None:
    names = {**found, "space": "<b>small</b>"}

    save_inspection(names, tmp_path / "page.html")

    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "<title>&lt;b&gt;small&lt;/b&gt;, inspected</title>" in page
    assert "<h1>&lt;b&gt;small&lt;/b&gt; for 28x28 grey images" in page
    assert "<h2>parameters</h2>" in page
    assert 'name="viewport"' in page
    assert '<meter max="19" value="19">' in page
    assert "<dt>architecture.stages.width</dt><dd>8</dd>" in page  # of the first guess


def test_a_terminal_without_lines_and_blocks_gets_letters(
    found: dict[str, Any], ascii_stream: TextIOWrapper
) -> None:
    print_inspection(found, Console(file=ascii_stream, width=80))
