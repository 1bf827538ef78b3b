"""Every plot is one that Vega-Lite can draw, and shows what its caption says."""

from __future__ import annotations

from typing import Any

import pytest
import vl_convert
from tests.screen.report.conftest import Reports

from cnnsearch.screen.pages.plots import Plot
from cnnsearch.screen.report.page import plots


def drawn(report: dict[str, Any]) -> dict[str, Plot]:
    return {plot.name: plot for plot in plots(report)}


@pytest.mark.parametrize("name", ["finished", "several", "hostile", "unfinished"])
def test_vega_lite_reads_every_plot(reports: Reports, name: str) -> None:
    for plot in plots(reports(name)):
        document = plot.to_json()

        vega = vl_convert.vegalite_to_vega({**document["spec"], "datasets": document["datasets"]})

        assert vega["marks"]


@pytest.mark.parametrize("name", ["finished", "several", "unfinished"])
def test_every_field_that_is_drawn_is_in_the_rows(reports: Reports, name: str) -> None:
    for plot in plots(reports(name)):
        document = plot.to_json()
        for layer in document["spec"]["layer"]:
            row = document["datasets"][layer["data"]["name"]][0]

            assert set(_fields(layer["encoding"])) <= row.keys(), plot.name


def _fields(found: Any) -> set[str]:
    if isinstance(found, list):
        return {name for each in found for name in _fields(each)}
    if not isinstance(found, dict):
        return set()
    own = {found["field"]} if "field" in found else set()
    return own | {name for each in found.values() for name in _fields(each)}


def test_every_plot_says_what_to_see(reports: Reports) -> None:
    for plot in plots(reports("finished")):
        assert plot.title
        assert plot.caption.endswith(".")


def test_the_winner_stands_out(reports: Reports) -> None:
    report = reports("finished")
    winner = report["summary"]["winner"]["trial"]
    found = drawn(report)

    assert {row["trial"] for row in found["curves"].rows["best"]} == {winner}
    assert {row["trial"] for row in found["parallel"].rows["winner"]} == {winner}
    (marked,) = found["front-macs"].rows["shown"]
    assert (marked["trial"], marked["kind"]) == (winner, "winner")


def test_a_front_draws_what_is_shown_over_whatever_equals_it(reports: Reports) -> None:
    report = reports("finished")
    equal = [
        {"trial": trial, "value": 0.1, "cost": 1_000.0, "on_front": trial % 2 == 0}
        for trial in range(8)
    ]

    front = drawn({**report, "fronts": [{"cost": "macs", "points": equal}]})["front-macs"]

    layers = [layer["data"]["name"] for layer in front.to_json()["spec"]["layer"]]
    assert layers == ["front", "points", "shown", "centre"]
    assert [row["on_front"] for row in front.rows["points"]] == [False] * 4 + [True] * 4
    assert front.rows["shown"][0]["trial"] == report["summary"]["winner"]["trial"]


def test_a_front_without_a_winner_shows_the_best_so_far(reports: Reports) -> None:
    report = reports("unfinished")

    (marked,) = drawn(report)["front-macs"].rows["shown"]

    assert (marked["trial"], marked["kind"]) == (report["shown_trial"], "best so far")


def test_a_step_is_told_as_what_it_is(reports: Reports) -> None:
    report = reports("finished")
    curves = drawn(report)["curves"]
    unknown = drawn({**report, "step_images": None})["curves"]

    assert "A step is a batch of 64 images, the first guess's" in curves.caption
    assert "steps of 64 images" in str(curves.spec)
    assert "A step is" not in unknown.caption


def test_all_of_the_parallel_coordinates_lie_on_their_axes(reports: Reports) -> None:
    lines = drawn(reports("finished"))["parallel"].rows["lines"]

    assert all(0 <= row["place"] <= 1 for row in lines)
    assert len({(row["trial"], row["axis"]) for row in lines}) == len(lines)


def test_the_test_figure_has_its_interval(reports: Reports) -> None:
    (tested,) = drawn(reports("finished"))["over-time"].rows["tested"]

    assert tested["low"] < tested["value"] < tested["high"]


def test_the_confusion_matrix_has_every_test_image_once(reports: Reports) -> None:
    report = reports("finished")

    fields = drawn(report)["confusion"].rows["fields"]

    assert sum(row["count"] for row in fields) == report["evaluation"]["count"]
    assert (
        sum(row["count"] for row in fields if row["true"] == row["predicted"])
        == (report["evaluation"]["correct"])
    )


def test_what_the_network_sees_only_grows(reports: Reports) -> None:
    for name in ("finished", "several", "unfinished"):
        sizes = [row["size"] for row in drawn(reports(name))["receptive-field"].rows["rows"]]

        assert sizes == sorted(sizes)
