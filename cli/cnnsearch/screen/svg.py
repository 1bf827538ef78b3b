"""A picture of the screen: `python -m cnnsearch.screen.svg RUN_FOLDER OUT.svg`."""

from __future__ import annotations

import argparse
import io
from collections.abc import Iterable, Sequence
from pathlib import Path

from rich.console import Console

from cnnsearch.screen.board import Board
from cnnsearch.screen.fields import Event, finite
from cnnsearch.screen.view import View

COLUMNS, LINES = 100, 40

# Rich's own template fetches its font from a remote host; this one takes what the reader has.
SVG_FORMAT = """\
<svg class="rich-terminal" viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">
  <style>
    .{unique_id}-matrix {{
      font-family: ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, "Liberation Mono", monospace;
      font-size: {char_height}px;
      line-height: {line_height}px;
      white-space: pre;
    }}
    .{unique_id}-title {{
      font-size: 18px;
      font-weight: bold;
      font-family: system-ui, sans-serif;
    }}
    {styles}
  </style>
  <defs>
    <clipPath id="{unique_id}-clip-terminal">
      <rect x="0" y="0" width="{terminal_width}" height="{terminal_height}" />
    </clipPath>
    {lines}
  </defs>
  {chrome}
  <g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
    {backgrounds}
    <g class="{unique_id}-matrix">
    {matrix}
    </g>
  </g>
</svg>
"""


def save_screen_svg(path: Path, events: Iterable[Event], *, until_s: float | None = None) -> None:
    """Write the screen as it stands after `events`, or after the first `until_s` seconds."""
    board = Board()
    for event in events:
        if until_s is not None and (finite(event, "elapsed_s") or 0.0) > until_s:
            break
        board.apply(event)
    console = Console(
        record=True,
        file=io.StringIO(),
        width=COLUMNS,
        height=LINES,
        force_terminal=True,
        color_system="truecolor",
        highlight=False,
    )
    console.print(View(board))
    console.save_svg(str(path), title="cnnsearch run", code_format=SVG_FORMAT)


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the run folder named on the command line and write its picture."""
    from cnnsearch.records.events import read_events

    parser = argparse.ArgumentParser(
        prog="python -m cnnsearch.screen.svg",
        description="Draw the screen of a run from its events.",
    )
    parser.add_argument("run_folder", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument(
        "--until", type=float, metavar="SECONDS", help="stop there; default: the end"
    )
    options = parser.parse_args(arguments)
    events_file = options.run_folder / "events.jsonl"
    if not events_file.is_file():
        parser.error(f"{events_file} does not exist: name the folder of a run")
    save_screen_svg(options.out, read_events(events_file), until_s=options.until)


if __name__ == "__main__":
    main()
