"""Pages in a real browser, each in a frame of its own width, and what a script finds in them."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Sequence
from html import escape, unescape
from pathlib import Path
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
BROWSER = next((path for name in NAMES if (path := shutil.which(name))), None)
NO_BROWSER = f"none of {', '.join(NAMES)} is installed"
PHONE_PX, DESKTOP_PX = 390, 1280

LISTEN = """<script>
window.told = [];
for (const kind of ["error", "warn"]) console[kind] = (...words) => told.push(words.join(" "));
addEventListener("error", (event) => told.push(event.message));
addEventListener("unhandledrejection", (event) => told.push(String(event.reason)));
</script>"""

HARNESS = """<!DOCTYPE html><meta charset="utf-8"><pre id="found"></pre>
%s
<script>
const more = (page) => (%s);
function look(frame) {
  const page = frame.contentDocument;
  const marks = ["symbol", "line", "rect"].map((kind) => `svg .mark-${kind} path`).join();
  const drawn = [...page.querySelectorAll(".plot")].filter((plot) => plot.querySelector(marks));
  return {
    told: frame.contentWindow.told, title: page.title,
    drawn: drawn.map((plot) => plot.id.replace("plot-", "")),
    width: frame.clientWidth, contentWidth: page.documentElement.scrollWidth, ...more(page),
  };
}
const frames = [...document.querySelectorAll("iframe")];
const wait = setInterval(() => {
  if (!frames.every((frame) => frame.contentDocument?.documentElement.dataset.drawn)) return;
  clearInterval(wait);
  document.getElementById("found").textContent = JSON.stringify(frames.map(look));
}, 50);
</script>"""


def looked_at(
    pages: Sequence[tuple[str, int]], folder: Path, more: str = "{}"
) -> list[dict[str, Any]]:
    """Return what the browser finds in each page, once all plots are drawn.

    Args:
        pages: Their texts, and widths in pixels.
        folder: An empty one, for files.
        more: JavaScript for what to find besides, of the document `page`.
    """
    frames = "".join(
        f'<iframe width="{width}" height="900" srcdoc="{escape(_listening(text))}"></iframe>'
        for text, width in pages
    )
    (folder / "harness.html").write_text(HARNESS % (frames, more), encoding="utf-8")
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
