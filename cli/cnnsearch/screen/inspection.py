"""What `cnnsearch inspect` and `cnnsearch spaces` print."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from cnnsearch.errors import UsageError
from cnnsearch.screen import wording
from cnnsearch.screen.bars import DONE
from cnnsearch.screen.setting_words import short_names
from cnnsearch.screen.terminal import Plainly, stdout_console
from cnnsearch.space.quantities import format_count

Inspection = Mapping[str, Any]
TITLES = {
    "parameters": "parameters",
    "macs": "MACs",
    "layers": "layers with weights on the longest path",
    "receptive_field": "receptive field, in pixels",
}
WIDEST_BAR = 40  # columns
PAGE_WIDTH = 110  # columns
MOST_REASONS = 5


def print_spaces(entries: Iterable[Mapping[str, Any]], console: Console | None = None) -> None:
    """Print one line a shipped search space."""
    table = _table("space", "what it is")
    for entry in entries:
        table.add_row(entry["name"], Text(entry["description"]))
    _print(console or stdout_console(), [table])


def print_inspection(found: Inspection, console: Console | None = None) -> None:
    """Print what a search space holds."""
    _print(console or stdout_console(), _all(found))


def save_inspection(found: Inspection, path: Path) -> None:
    """Write the same as a page.

    Raises:
        UsageError: It cannot be written there.
    """
    console = Console(record=True, file=io.StringIO(), width=PAGE_WIDTH, highlight=False)
    _print(console, _all(found))
    try:
        console.save_html(str(path), inline_styles=True)
    except OSError as error:
        raise UsageError(f"{path}: cannot be written ({error.strerror})") from error


def _all(found: Inspection) -> Iterator[RenderableType]:
    yield from _numbers(found)
    yield from _feasibility(found)
    for name, distribution in found["distributions"].items():
        yield ""
        yield from _distribution(name, distribution)
    notes = [*_against_image(found), *_narrow(found), *_idle(found)]
    yield from ["", *notes] if notes else []


def _numbers(found: Inspection) -> Iterator[RenderableType]:
    height, width, channels = found["input_shape"]
    images = f"{height}x{width} {'grey' if channels == 1 else 'colour'} images"
    yield Text(f"{found['space']} for {images} of {found['classes']:,} classes")
    yield Text(f"candidates  {_count(found['candidates'])}{_endless(found['endless_settings'])}")
    if found["networks"] is not None:
        yield Text(f"networks    {_count(found['networks'])}")


def _count(count: Mapping[str, Any]) -> str:
    number = count["number"]
    shown = f"{number:,}" if number < 10**12 else _power(number)
    if count["exact"]:
        return shown
    return f"about {_power(number)} (estimated, standard error {_share(count['error'], number)})"


def _power(number: int) -> str:
    """Return a number of any length in three digits: 1.23e45."""
    digits = str(number)
    return f"{digits[0]}.{digits[1:3]}e{len(digits) - 1}" if number >= 10**6 else f"{number:,}"


def _endless(paths: Iterable[str]) -> str:
    names = ", ".join(short_names(paths).values())
    return f", times any value in the range of {names}" if names else ""


def _feasibility(found: Inspection) -> Iterator[RenderableType]:
    draws, feasible = found["draws"], found["feasible"]
    share = _share(feasible, draws)
    yield Text(f"feasible    {feasible:,} of {wording.plural(draws, 'draw')} ({share})")
    for limit in found["limits"]:
        line = (
            f"  {limit['limit']} removes {limit['removes']:,} ({_share(limit['removes'], draws)})"
        )
        if limit["removes"]:
            line += f", {limit['removes_alone']:,} alone; nearest miss: {limit['nearest_miss']}"
        yield Text(line)
    for measured in found["measured_limits"]:
        yield Text(f"  {measured} is measured when a trial begins, and not counted here")
    for reason, count in [*found["impossible"].items()][:MOST_REASONS]:
        yield Text(f"  impossible {count:,} ({_share(count, draws)}): {reason}")
    if found["distributions_of"] == "built" and found["distributions"]:
        yield Text("  what follows is of those that can be built")


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f} %" if whole else "-"


def _distribution(name: str, distribution: Mapping[str, Any]) -> Iterator[RenderableType]:
    """Yield a heading and a histogram, or one line where all are the same."""
    least, most, percentiles = (distribution[key] for key in ("min", "max", "percentiles"))
    if least == most:
        yield Text.assemble((TITLES[name], "bold"), f"  {least:,}")
        return
    low, middle, high = (_amount(name, percentiles[share]) for share in ("5", "50", "95"))
    facts = f"  median {middle}, 90 % from {low} to {high}"
    yield Text.assemble((TITLES[name], "bold"), facts)
    yield _histogram(name, distribution["histogram"])


def _amount(name: str, amount: int) -> str:
    return format_count(amount) if name in ("parameters", "macs") else f"{amount:,}"


def _histogram(name: str, bins: Sequence[Mapping[str, int]]) -> Table:
    most = max(each["count"] for each in bins)
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0), show_header=False)
    for justify in ("right", "left", "right", "left", "left"):
        table.add_column(justify=justify)
    for each in bins:
        low, high = _amount(name, each["from"]), _amount(name, each["to"])
        columns = round(WIDEST_BAR * each["count"] / most) or (1 if each["count"] else 0)
        to = ("", "") if low == high else ("to", high)
        table.add_row(low, *to, Text(DONE * columns, "cyan"), f"{each['count']:,}")
    return table


def _against_image(found: Inspection) -> Iterator[RenderableType]:
    field = found["receptive_field"]
    sides = " or ".join(map(str, field["image_sides"]))
    whole = sum(each["count"] for each in _bins(found, "receptive_field"))
    for key, words in (
        ("smaller_than_image", "see less than the image"),
        ("larger_than_twice_the_image", "see more than twice the image"),
    ):
        if field[key]:
            yield Text(f"{_share(field[key], whole)} {words} ({sides} pixels)")


def _narrow(found: Inspection) -> Iterator[RenderableType]:
    whole = sum(each["count"] for each in _bins(found, "receptive_field"))
    for stage, count in found["narrow_stages"].items():
        yield Text(f"{stage} has a kernel that is larger than its map in {_share(count, whole)}")


def _idle(found: Inspection) -> Iterator[RenderableType]:
    for path, why in found["idle_settings"].items():
        yield Text(f"{path} makes no difference for these images: it {why}")


def _bins(found: Inspection, name: str) -> list[Mapping[str, int]]:
    distribution = found["distributions"].get(name)
    return distribution["histogram"] if distribution else []


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold")
    return table


def _print(console: Console, parts: Iterable[RenderableType]) -> None:
    for part in parts:
        console.print(Plainly(part))
