"""The page in a real browser: it draws, sorts, fits a phone, and says nothing on the console."""

from __future__ import annotations

from typing import Any

import pytest
from tests.screen.browser import BROWSER, DESKTOP_PX, NO_BROWSER, PHONE_PX, looked_at
from tests.screen.report.conftest import Reports

from cnnsearch.screen.report.page import page, plots

MOST_BYTES = 3_000_000

pytestmark = pytest.mark.skipif(BROWSER is None, reason=NO_BROWSER)

FINDINGS = """{ sorted: (() => {
  const table = page.getElementById("trials-table");
  const buttons = table.querySelectorAll("th button");
  const column = (index) => [...table.tBodies[0].rows].map((row) => row.cells[index].textContent);
  const sorted = {};
  buttons[0].click();
  sorted.up = column(0);
  buttons[0].click();
  sorted.down = column(0);
  buttons[1].click();
  sorted.score = column(1);
  return sorted;
})(), cards: new Set([...page.querySelectorAll(".figures li")].map((card) => card.offsetTop)).size,
scrolling: [...page.querySelectorAll("body *")].filter((part) =>
  part.scrollWidth > part.clientWidth && /auto|scroll/.test(getComputedStyle(part).overflowX)
).map((part) => ({
  label: part.getAttribute("aria-label"),
  reached: part.tabIndex >= 0 || part.querySelector("a[href]") !== null,
  shadow: getComputedStyle(part).backgroundAttachment.includes("local"),
})) }"""


@pytest.fixture(scope="module")
def seen(reports: Reports, tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """What the browser has found: the finished run on a phone, the hostile one on a desktop."""
    texts = [page(reports(name)) for name in ("finished", "hostile")]
    assert all(len(text.encode()) < MOST_BYTES for text in texts)
    pages = list(zip(texts, (PHONE_PX, DESKTOP_PX), strict=True))
    return looked_at(pages, tmp_path_factory.mktemp("browser"), FINDINGS)


def test_the_console_stays_empty(seen: list[dict[str, Any]]) -> None:
    assert [found["told"] for found in seen] == [[], []]


def test_every_plot_is_drawn(seen: list[dict[str, Any]], reports: Reports) -> None:
    for found, name in zip(seen, ("finished", "hostile"), strict=True):
        assert set(found["drawn"]) == {plot.name for plot in plots(reports(name))}


def test_tables_are_sorted_by_a_click_and_the_other_way_by_the_next(
    seen: list[dict[str, Any]],
) -> None:
    trials = sorted(seen[0]["sorted"]["up"], key=int)

    assert seen[0]["sorted"]["up"] == trials
    assert seen[0]["sorted"]["down"] == trials[::-1]
    scores = [value for value in seen[0]["sorted"]["score"] if value != "-"]
    assert scores == sorted(scores, key=float)
    assert seen[0]["sorted"]["score"][-1] == "-"  # no score is the last, either way


def test_a_phone_never_scrolls_sideways(seen: list[dict[str, Any]]) -> None:
    for found in seen:
        assert found["contentWidth"] <= found["width"]
    assert seen[0]["width"] == PHONE_PX


def test_on_a_desktop_the_figures_are_in_one_row(seen: list[dict[str, Any]]) -> None:
    assert seen[1]["cards"] == 1


def test_what_scrolls_on_a_phone_shows_it_and_is_reached_by_the_keyboard(
    seen: list[dict[str, Any]],
) -> None:
    scrolling = seen[0]["scrolling"]

    assert {"All trials", "Layers", "Drawing of the network"} <= {it["label"] for it in scrolling}
    assert all(it["label"] and it["reached"] and it["shadow"] for it in scrolling)


def test_no_script_of_a_user_runs(seen: list[dict[str, Any]]) -> None:
    assert seen[1]["title"] == "night: report"
