"""What is remarkable about the networks of a search space, and what it means."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from cnnsearch.space.quantities import plural


def notes_on_field(found: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what it means that networks see less or far more than the image."""
    field, whole = found["receptive_field"], _networks(found)
    sides = " or ".join(map(str, field["image_sides"]))
    joined = field["smaller_and_joined"]
    apart = field["smaller_than_image"] - joined
    return tuple(_notes(whole, sides, joined, apart, field["larger_than_twice_the_image"]))


def _notes(whole: int, sides: str, joined: int, apart: int, larger: int) -> Iterator[str]:
    if joined:
        yield (
            f"{_share(joined, whole)} see less than the image ({sides} pixels) with their "
            "convolutions; their dense layers then read the whole last map, so all of it counts"
        )
    if apart:
        yield (
            f"{_share(apart, whole)} see less than the image ({sides} pixels), and their head "
            "pools over all places: nothing relates parts of the image that lie further apart"
        )
    if larger:
        yield (
            f"{_share(larger, whole)} see more than twice the image ({sides} pixels): no fault, "
            "but layers that look further than the image seldom add accuracy (arXiv:2106.12307)"
        )


def notes_on_networks(found: Mapping[str, Any]) -> Iterator[str]:
    """Yield what is odd in their maps and channels, and the settings that change nothing."""
    whole = _networks(found)
    if found["smallest_last_map"] is not None:
        side = found["smallest_last_map"]
        yield f"the smallest last map is {plural(side, 'pixel')} wide or high"
    for part, count in found["narrow_stages"].items():
        yield f"{part} has a kernel that is larger than its map in {_share(count, whole)}"
    for part, count in found["thin_attention"].items():
        yield f"{part} squeezes to a single channel in its attention in {_share(count, whole)}"
    for path, seen in found["idle_settings"].items():
        yield f"{path} {seen} for these images"
    if found["idle_settings_stopped_by_time"]:
        yield "whether every setting makes a difference would have taken too long to try"


def _networks(found: Mapping[str, Any]) -> int:
    """Return how many networks the distributions are of."""
    bins = found["distributions"].get("receptive_field", {}).get("histogram", [])
    return sum(each["count"] for each in bins)


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f} %" if whole else "-"
