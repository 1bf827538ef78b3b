"""What a person reads of an inspected space."""

from __future__ import annotations

from io import TextIOWrapper
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from cnnsearch.screen.inspection import print_inspection, save_inspection


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
        "stopped_by_time": False,
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
        "idle_settings": {"architecture.stages.pooling": "was active in none of 40 draws"},
        "idle_settings_stopped_by_time": False,
        "narrow_stages": {"stage3": 5},
        "receptive_field": {
            "image_sides": [28, 32],
            "smaller_than_image": 20,
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
architecture.stages.pooling was active in none of 40 draws for these images
"""
    )


def test_an_answer_that_the_time_limit_cut_short_says_so(
    found: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cut = {**found, "stopped_by_time": True, "idle_settings_stopped_by_time": True}
    print_inspection(cut)
    save_inspection(cut, tmp_path / "page.html")

    for shown in (capsys.readouterr().out, (tmp_path / "page.html").read_text(encoding="utf-8")):
        assert "20 of 40 draws (50.0 %); more would have taken too long" in shown
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
    field = {"image_sides": [], "smaller_than_image": 0, "larger_than_twice_the_image": 0}

    print_inspection({**found, **nothing, "networks": None, "receptive_field": field})

    assert "feasible    0 of 40 draws (0.0 %)" in capsys.readouterr().out


def test_a_terminal_without_lines_and_blocks_gets_letters(
    found: dict[str, Any], ascii_stream: TextIOWrapper
) -> None:
    print_inspection(found, Console(file=ascii_stream, width=80))
