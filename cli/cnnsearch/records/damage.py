"""Whether a finished run has all that it recorded: found out here, so that all screens agree."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cnnsearch.errors import RunError

if TYPE_CHECKING:
    from cnnsearch.records.folder import RunFolder

LAST_FACTS = ("winner", "tested")  # of the study: what a finished run has noted after its trials


def refuse_damaged(folder: RunFolder) -> None:
    """Refuse a finished run whose summary or journal was cut.

    Of a run that is not finished, the last line may be half-written: that is how a kill leaves it.

    Raises:
        RunError: One of them is damaged, or the journal is missing.
    """
    if not folder.summary.exists():
        return
    try:
        summary = json.loads(folder.summary.read_text(encoding="utf-8"))
        what = None if isinstance(summary, dict) else "it is no summary of a run"
    except (OSError, ValueError) as error:
        what = str(error)
    if what is not None:
        raise damaged_summary(folder, what)
    fault = _fault(folder.journal)
    if fault is not None:
        raise RunError(
            f"{folder.journal} is damaged: {fault}\nput it back from a copy, or start a new run"
            f"{_still_there(folder)}"
        )


def damaged_summary(folder: RunFolder, what: str) -> RunError:
    """Return the error about the summary of a run, which its journal can give once more."""
    return RunError(
        f"{folder.summary} is damaged: {what}\n"
        f"delete it, and `cnnsearch resume {folder.called}` makes it anew"
    )


def missing_journal(journal: Path) -> RunError:
    """Return the error about a run without its journal."""
    return RunError(f"{journal} is missing: the run has no record of its trials")


def _fault(journal: Path) -> str | None:
    """Return what the journal of a finished run lacks."""
    try:
        lines = journal.read_bytes().splitlines()
    except FileNotFoundError:
        raise missing_journal(journal) from None
    except OSError as error:
        return str(error)
    facts: dict[str, Any] = {}
    for number, line in enumerate(lines, start=1):
        try:
            record = json.loads(line)
            of_study = record.get("study_id") is not None
            facts |= record.get("user_attr", {}) if of_study else {}
        except (ValueError, TypeError, AttributeError):
            if number < len(lines):  # the last one may have been cut by a kill
                return f"line {number} cannot be read"
    lacking = [name for name in LAST_FACTS if not facts.get(name)]
    return "its end is gone, where the winner and its test are noted" if lacking else None


def _still_there(folder: RunFolder) -> str:
    if not folder.export.is_dir():
        return ""
    return f"; the exported model can be used by its folder, {folder.export}"
