"""The settings in which runs differ: those of their spaces, and those of their winners."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from cnnsearch.records.folder import RunFolder
from cnnsearch.results.finished import Finished

LEAF_KEYS = frozenset({"values", "min", "max"})
ABSENT: Any = None  # a default, or a setting that the other network does not have


def differing_settings(runs: Sequence[Finished]) -> list[dict[str, Any]]:
    """Return each setting that is not the same in all runs: `of` the space or of the winner.

    `values` has one for each run, in their order, null where a run does not say it.
    """
    spaces = [dict(_flat(_document(run))) for run in runs]
    winners = [run.summary.winner.settings if run.summary.winner else {} for run in runs]
    return [*_differing("space", spaces), *_differing("winner", winners)]


def _document(run: Finished) -> Mapping[str, Any]:
    """Return the space as the run resolved it; nothing where only its summary is there."""
    folder = RunFolder(run.path)
    if not folder.run_file.exists():
        return {}
    document: Mapping[str, Any] = folder.read_facts().get("document") or {}
    return document


def _flat(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    if not isinstance(value, Mapping) or (LEAF_KEYS & value.keys()):
        yield path, value
        return
    for key, inner in value.items():
        yield from _flat(inner, f"{path}.{key}" if path else str(key))


def _differing(of: str, given: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    names = dict.fromkeys(name for settings in given for name in settings)
    rows = ((name, [settings.get(name, ABSENT) for settings in given]) for name in names)
    return [
        {"of": of, "setting": name, "values": values}
        for name, values in rows
        if any(value != values[0] for value in values)
    ]
