"""What `cnnsearch inspect --html` writes: one page that needs nothing else.

The bars are the browser's own `meter`, so that they fit any width, light and dark.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape
from pathlib import Path

from cnnsearch.errors import Problem
from cnnsearch.screen.inspection_words import Bar, Inspection, Part, nothing_fits, parts
from cnnsearch.screen.setting_words import setting_value
from cnnsearch.screen.small_page import save_page, small_page
from cnnsearch.screen.warnings import warning_words

STYLE = """
body { max-width: 60rem; } h2 { margin: 2rem 0 0; }
h2::first-letter, .alarm::first-letter { text-transform: uppercase; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .3rem 1rem; }
dt { font-weight: 600; } dd { margin: 0; overflow-wrap: anywhere; }
table { width: 100%; border-spacing: 0; font-variant-numeric: tabular-nums; }
th, td { text-align: right; font-weight: normal; white-space: nowrap; padding: 0 .5rem 0 0; }
td:nth-child(2) { width: 100%; } meter { width: 100%; vertical-align: middle; }
.alarm { border-left: .3rem solid #d33; padding-left: .7rem; font-weight: 600; }
@media (max-width: 30rem) { dl { display: block; } dd { margin: 0 0 .6rem; } }
"""


def save_inspection(found: Inspection, path: Path) -> None:
    """Write what a search space holds as a page.

    Raises:
        UsageError: It cannot be written there.
    """
    save_page(path, small_page(f"{found['space']}, inspected", STYLE, _content(found)))


def _content(found: Inspection) -> str:
    first, *others = parts(found)
    alarms = [nothing_fits(found), *_warnings(found)]
    told = [f'<p class="alarm">{escape(alarm)}</p>' for alarm in alarms if alarm]
    sections = [_section(part) for part in (*others, _first_guess(found))]
    return "\n".join([f"<h1>{escape(first.title)}</h1>", *told, *_body(first), *sections])


def _warnings(found: Inspection) -> Iterator[str]:
    """Yield what the terminal gets on stderr."""
    for warning in found["warnings"]:
        yield f"Warning: {warning_words(Problem(**warning))}"


def _first_guess(found: Inspection) -> Part:
    settings = found["first_guess"]["settings"].items()
    rows = tuple((path, setting_value(value)) for path, value in settings)
    return Part("settings of the first guess", rows=rows)


def _section(part: Part) -> str:
    lines = [f"<h2>{escape(part.title)}</h2>", *_body(part)]
    return "\n".join(["<section>", *lines, "</section>"])


def _body(part: Part) -> Iterator[str]:
    if part.facts:
        yield f"<p>{escape(part.facts)}</p>"
    if part.rows:
        rows = (f"<dt>{escape(name)}</dt><dd>{escape(text)}</dd>" for name, text in part.rows)
        yield f"<dl>{''.join(rows)}</dl>"
    if part.bars:
        yield f"<table>{''.join(_bars(part.bars))}</table>"
    if part.remarks:
        yield f"<ul>{''.join(f'<li>{escape(remark)}</li>' for remark in part.remarks)}</ul>"


def _bars(bars: Iterable[Bar]) -> Iterator[str]:
    most = max(count for _, _, count in bars)
    for low, high, count in bars:
        name = low if low == high else f"{low} to {high}"
        meter = f'<meter max="{most}" value="{count}">{count:,}</meter>'
        yield f'<tr><th scope="row">{name}</th><td>{meter}</td><td>{count:,}</td></tr>\n'
