"""The consoles we write to, and output that any terminal can take."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import IO

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.segment import Segment
from rich.text import Text

PIPED_WIDTH = 4000  # columns; a file or a pipe takes whole lines, nothing is wrapped or cut
ASCII = {"━": "=", "─": "-", "░": ":", "…": "."}  # each one cell wide, as what it replaces


def stdout_console() -> Console:
    """Return a console for results: as wide as the terminal, or whole lines when piped."""
    console = Console(highlight=False)
    if not is_terminal(console.file):
        console.width = PIPED_WIDTH
    return console


def stderr_console() -> Console:
    """Return a console for progress."""
    return Console(stderr=True, highlight=False)


def is_terminal(stream: object) -> bool:
    """Tell whether `stream` is a terminal, whatever colours were asked for by the environment."""
    try:
        return bool(stream.isatty())  # type: ignore[attr-defined]
    except (AttributeError, ValueError):  # no such method, or closed
        return False


def can_redraw(console: Console) -> bool:
    """Tell whether a screen that redraws itself would be read by a person."""
    in_ci = os.environ.get("CI", "").lower() not in ("", "0", "false")
    return is_terminal(console.file) and not console.is_dumb_terminal and not in_ci


class Plainly:
    """Renders its content without trailing blanks, in characters that the stream can encode."""

    def __init__(self, content: RenderableType) -> None:
        self.content = content

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for line in console.render_lines(self.content, options, pad=False):
            for segment in _without_trailing_blanks(line):
                yield segment._replace(text=encodable(segment.text, options.encoding))
            yield Segment.line()


def print_plainly(console: Console, *parts: RenderableType) -> None:
    """Print each part, a text as it is: names are no markup."""
    for part in parts:
        console.print(Plainly(Text(part) if isinstance(part, str) else part))


def encodable(text: str, encoding: str) -> str:
    """Return `text` with every character that `encoding` lacks replaced, equally wide."""
    if encoding.startswith("utf"):
        return text
    return "".join(char if _has(encoding, char) else _substitute(char) for char in text)


def write_line(stream: IO[str], line: str) -> None:
    """Write and flush one line."""
    stream.write(encodable(line, (getattr(stream, "encoding", None) or "utf-8").lower()) + "\n")
    stream.flush()


def _has(encoding: str, char: str) -> bool:
    try:
        char.encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def _substitute(char: str) -> str:
    return ASCII.get(char, "?" * cell_len(char))


def _without_trailing_blanks(line: Iterable[Segment]) -> list[Segment]:
    segments = list(line)
    while segments and not segments[-1].text.strip():
        segments.pop()
    if segments:
        segments[-1] = segments[-1]._replace(text=segments[-1].text.rstrip())
    return segments
