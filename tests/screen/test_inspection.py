"""What a person reads of an inspected space."""

from __future__ import annotations

from io import TextIOWrapper
from typing import Any

import pytest
from rich.console import Console

from cnnsearch.screen.inspection import print_inspection, print_spaces


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
        "endless_settings": ["training.learning_rate"],
        "draws": 40,
        "feasible": 20,
        "impossible": {"window of 9 pixels on a map of 4x4": 1},
        "limits": [
            {
                "limit": "parameters <= 80k",
                "removes": 19,
                "removes_alone": 18,
                "nearest_miss": "parameters 80,001 > 80,000",
            },
            {"limit": "macs <= 1G", "removes": 0, "removes_alone": 0, "nearest_miss": None},
        ],
        "measured_limits": ["latency <= 5 ms"],
        "distributions_of": "feasible",
        "distributions": {
            "parameters": spread,
            "receptive_field": {**depth, "histogram": [{"from": 8, "to": 8, "count": 20}]},
        },
        "idle_settings": {"architecture.stages.pooling": "is active in no draw"},
        "narrow_stages": {"stage3": 5},
        "receptive_field": {
            "image_sides": [28, 32],
            "smaller_than_image": 20,
            "larger_than_twice_the_image": 0,
        },
    }


def test_an_inspected_space(found: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    print_inspection(found)

    assert (
        capsys.readouterr().out
        == """\
small for 28x28 grey images of 10 classes
candidates  12,345, times any value in the range of learning_rate
networks    about 3.00e14 (estimated, standard error 1.0 %)
feasible    20 of 40 draws (50.0 %)
  parameters <= 80k removes 19 (47.5 %), 18 alone; nearest miss: parameters 80,001 > 80,000
  macs <= 1G removes 0 (0.0 %)
  latency <= 5 ms is measured when a trial begins, and not counted here
  impossible 1 (2.5 %): window of 9 pixels on a map of 4x4

parameters  median 61.7k, 90 % from 1k to 80k
900 to 10k ━━                                       1
10k to 80k ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━ 19

receptive field, in pixels  8

100.0 % see less than the image (28 or 32 pixels)
stage3 has a kernel that is larger than its map in 25.0 %
architecture.stages.pooling makes no difference for these images: it is active in no draw
"""
    )


def test_a_space_of_which_nothing_can_be_built(
    found: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    nothing = {"feasible": 0, "distributions": {}, "narrow_stages": {}, "idle_settings": {}}
    field = {"image_sides": [], "smaller_than_image": 0, "larger_than_twice_the_image": 0}

    print_inspection({**found, **nothing, "networks": None, "receptive_field": field})

    assert "feasible    0 of 40 draws (0.0 %)" in capsys.readouterr().out


def test_a_terminal_without_lines_and_blocks_gets_letters(
    found: dict[str, Any], ascii_stream: TextIOWrapper
) -> None:
    print_inspection(found, Console(file=ascii_stream, width=80))


def test_shipped_spaces_get_a_line_each(capsys: pytest.CaptureFixture[str]) -> None:
    print_spaces([{"name": "vgg", "description": "Plain [3x3] convolutions", "path": "vgg.yaml"}])

    assert capsys.readouterr().out == "space  what it is\nvgg    Plain [3x3] convolutions\n"
