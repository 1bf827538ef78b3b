"""The page in a real browser: it draws, sorts, fits a phone, and says nothing on the console."""

from __future__ import annotations

import json
import shutil
import subprocess
from html import escape, unescape
from pathlib import Path
from typing import Any

import pytest
from tests.screen.report.conftest import Reports

from cnnsearch.screen.report.page import page, plots

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
BROWSER = next((path for name in NAMES if (path := shutil.which(name))), None)
PHONE_PX, DESKTOP_PX = 390, 1280
MOST_BYTES = 3_000_000

pytestmark = pytest.mark.skipif(BROWSER is None, reason=f"none of {', '.join(NAMES)} is installed")

LISTEN = """<script>
window.told = [];
for (const kind of ["error", "warn"]) console[kind] = (...words) => told.push(words.join(" "));
addEventListener("error", (event) => told.push(event.message));
addEventListener("unhandledrejection", (event) => told.push(String(event.reason)));
</script>"""

HARNESS = """<!DOCTYPE html><meta charset="utf-8"><pre id="found"></pre>
%s
<script>
function firstColumn(table, column) {
  return [...table.tBodies[0].rows].map((row) => row.cells[column].textContent);
}
function look(frame) {
  const page = frame.contentDocument, table = page.getElementById("trials-table");
  const buttons = table.querySelectorAll("th button");
  const sorted = {};
  buttons[0].click();
  sorted.up = firstColumn(table, 0);
  buttons[0].click();
  sorted.down = firstColumn(table, 0);
  buttons[1].click();
  sorted.score = firstColumn(table, 1);
  const marks = ["symbol", "line", "rect"].map((kind) => `svg .mark-${kind} path`).join();
  const drawn = [...page.querySelectorAll(".plot")].filter((plot) => plot.querySelector(marks));
  return {
    told: frame.contentWindow.told, title: page.title, sorted,
    drawn: drawn.map((plot) => plot.id.replace("plot-", "")),
    width: frame.clientWidth, contentWidth: page.documentElement.scrollWidth,
  };
}
const frames = [...document.querySelectorAll("iframe")];
const wait = setInterval(() => {
  if (!frames.every((frame) => frame.contentDocument?.documentElement.dataset.drawn)) return;
  clearInterval(wait);
  document.getElementById("found").textContent = JSON.stringify(frames.map(look));
}, 50);
</script>"""


@pytest.fixture(scope="module")
def seen(reports: Reports, tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """What the browser has found: the finished run on a phone, the hostile one on a desktop."""
    folder = tmp_path_factory.mktemp("browser")
    texts = [page(reports(name)) for name in ("finished", "hostile")]
    assert all(len(text.encode()) < MOST_BYTES for text in texts)
    frames = "".join(
        f'<iframe width="{width}" height="900" srcdoc="{escape(_listening(text))}"></iframe>'
        for text, width in zip(texts, (PHONE_PX, DESKTOP_PX), strict=True)
    )
    (folder / "harness.html").write_text(HARNESS % frames, encoding="utf-8")
    dom = _dumped(folder / "harness.html", folder / "profile")
    content = dom.split('<pre id="found">')[1].split("</pre>")[0]
    assert content, "the browser ended before all plots were drawn"
    found: list[dict[str, Any]] = json.loads(unescape(content))
    return found


def _listening(text: str) -> str:
    return text.replace("<head>", f"<head>{LISTEN}", 1)


def _dumped(file: Path, profile: Path) -> str:
    """Return the page's elements after its scripts have run."""
    options = (
        "--headless=new --no-sandbox --disable-gpu --disable-background-networking --no-first-run "
        "--disable-component-update --disable-sync --virtual-time-budget=60000 --timeout=120000"
    )
    command = [str(BROWSER), *options.split(), f"--user-data-dir={profile}", "--dump-dom"]
    done = subprocess.run(
        [*command, file.as_uri()], capture_output=True, text=True, check=True, timeout=240
    )
    return done.stdout


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


def test_no_script_of_a_user_runs(seen: list[dict[str, Any]]) -> None:
    assert seen[1]["title"] == "night: report"
