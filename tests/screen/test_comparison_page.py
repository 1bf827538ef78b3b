"""The page of a comparison: plots of all runs over tables, safe from names; in a browser too."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import vl_convert
from tests.results.searched import searched_run
from tests.screen.browser import BROWSER, DESKTOP_PX, NO_BROWSER, PHONE_PX, looked_at
from tests.screen.elements import Elements
from tests.screen.report.conftest import HOSTILE

from cnnsearch.results.comparison import compare
from cnnsearch.results.comparison.courses import courses
from cnnsearch.results.finished import Finished, read_finished
from cnnsearch.screen.comparison_page import comparison_page
from cnnsearch.screen.comparison_plots import RUN_COLOURS, comparison_plots
from cnnsearch.screen.pages import rendering

PLOTS = {"accuracy", "front-parameters", "front-macs", "over-time"}


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> list[Finished]:
    """Two runs; the second has a name that no folder could have."""
    folder = tmp_path_factory.mktemp("runs")
    found = []
    for name, trials in (("one", 12), ("two", 6)):
        searched_run(folder, name=name, trials=trials)
        found.append(read_finished(folder, name))
    return [found[0], replace(found[1], name=HOSTILE)]


@pytest.fixture
def _no_bundle(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rendering, "vega_bundle", lambda: "window.vegaEmbed = null;")


def page(runs: Sequence[Finished]) -> str:
    return comparison_page(compare(runs), courses(runs))


def drawn(runs: Sequence[Finished]) -> dict[str, Any]:
    return {plot.name: plot for plot in comparison_plots(compare(runs), courses(runs))}


def test_vega_lite_reads_every_plot(runs: list[Finished]) -> None:
    found = drawn(runs)

    assert found.keys() == PLOTS
    for plot in found.values():
        document = plot.to_json()
        assert vl_convert.vegalite_to_vega(document["spec"] | {"datasets": document["datasets"]})


def test_every_run_has_its_accuracies_its_front_and_its_line(runs: list[Finished]) -> None:
    found = drawn(runs)

    test = runs[0].summary.test
    assert test is not None
    rows = found["accuracy"].rows["accuracies"]
    assert [(row["of"], row["kind"]) for row in rows] == [
        (of, kind) for of in (0, 1) for kind in ("test", "validation")
    ]
    assert (rows[0]["low"], rows[0]["accuracy"], rows[0]["high"]) == (
        test.low,
        test.accuracy,
        test.high,
    )
    for name, data in (("front-macs", "front"), ("front-macs", "winners"), ("over-time", "line")):
        assert {row["of"] for row in found[name].rows[data]} == {0, 1}


def test_of_winners_at_one_place_each_stands_out_around_the_next(runs: list[Finished]) -> None:
    alike = [replace(runs[0], name=name) for name in ("one", "two", "three")]

    first, second, last = (row["size"] for row in drawn(alike)["front-macs"].rows["winners"])

    assert first > second > last


def test_a_line_rises_and_goes_on_to_the_last_look_of_its_run(runs: list[Finished]) -> None:
    rows = drawn(runs)["over-time"].rows["line"]

    for of, course in enumerate(courses(runs)):
        line, looks = [row for row in rows if row["of"] == of], course["over_time"]["looks"]
        assert [row["value"] for row in line] == sorted(row["value"] for row in line)
        assert line[-1]["value"] == max(look["value"] for look in looks)
        assert line[-1]["time"] == max(look["elapsed_s"] for look in looks) / 60


@pytest.mark.usefixtures("_no_bundle")
def test_names_stay_words_and_out_of_specifications(runs: list[Finished]) -> None:
    found = Elements(page(runs))

    assert HOSTILE in found.words
    assert not any(key.startswith("on") for _, attributes in found.tags for key in attributes)
    assert len(found.scripts) == 3
    for plot in drawn(runs).values():
        assert json.dumps(HOSTILE)[1:-1] not in json.dumps(plot.spec)


@pytest.mark.usefixtures("_no_bundle")
def test_it_asks_for_nothing_elsewhere_and_has_all_tables(runs: list[Finished]) -> None:
    found = Elements(page(runs))

    assert all(address.startswith(("#", "data:")) for address in found.addresses())
    assert {f"plot-{name}" for name in PLOTS} <= found.ids()
    for title in ("Runs", "Accuracy", "Settings of the winners that differ"):
        assert title in found.words


@pytest.mark.usefixtures("_no_bundle")
def test_searches_for_different_scores_are_not_laid_over_each_other(
    runs: list[Finished], tmp_path: Path
) -> None:
    searched_run(tmp_path, name="loss", trials=4, objectives={"val_loss": "min"})
    mixed = [runs[0], read_finished(tmp_path, "loss")]

    assert drawn(mixed).keys() == {"accuracy"}
    assert "after different scores (val_accuracy, val_loss)" in Elements(page(mixed)).words


@pytest.mark.usefixtures("_no_bundle")
def test_what_the_plots_cannot_tell_is_said(runs: list[Finished], tmp_path: Path) -> None:
    alone = replace(runs[0], name="kept", file=tmp_path / "summary.json")
    dataset = alone.summary.run.dataset.model_copy(update={"fingerprint": None})
    run = alone.summary.run.model_copy(update={"dataset": dataset})
    alone = replace(alone, summary=alone.summary.model_copy(update={"run": run}))

    words = Elements(page([runs[0], alone])).words

    assert "known to have had the same images" in words
    assert "its events are gone: kept." in words
    assert "known to have had" not in Elements(page(runs)).words


@pytest.mark.usefixtures("_no_bundle")
def test_latencies_of_different_devices_are_told_of_and_not_plotted(tmp_path: Path) -> None:
    objectives = {"val_accuracy": "max", "latency": "min"}
    searched_run(tmp_path, name="one", trials=4, objectives=objectives)
    one = read_finished(tmp_path, "one")
    facts = one.summary.run.model_copy(update={"device": "GPU"})
    two = replace(one, name="two", summary=one.summary.model_copy(update={"run": facts}))

    assert "on different devices (CPU, GPU)" in Elements(page([one, two])).words
    assert "front-latency" not in drawn([one, two])
    assert "different devices" not in Elements(page([one, one])).words
    assert "front-latency" in drawn([one, one])


@pytest.mark.usefixtures("_no_bundle")
def test_every_run_colour_is_in_the_page_in_light_and_in_dark(runs: list[Finished]) -> None:
    text = page(runs)

    for number in range(RUN_COLOURS):
        assert text.count(f"--run-{number}: #") == 2


CUT = """{ cut: [...page.querySelectorAll(".scroll")].filter((box) =>
  box.scrollWidth > box.clientWidth).map((box) => box.getAttribute("aria-label")) }"""


@pytest.mark.skipif(BROWSER is None, reason=NO_BROWSER)
def test_a_browser_draws_it_on_a_phone_and_on_a_desktop(
    runs: list[Finished], tmp_path: Path
) -> None:
    pages = [(page(runs), PHONE_PX), (page(runs), DESKTOP_PX)]
    seen = looked_at(pages, tmp_path, CUT)
    assert "Accuracy" in seen[0]["cut"]
    assert "Accuracy" not in seen[1]["cut"]
    for found in seen:
        assert found["told"] == []
        assert set(found["drawn"]) == PLOTS
        assert found["contentWidth"] <= found["width"]
        assert found["title"].startswith("Comparison of one, ")
