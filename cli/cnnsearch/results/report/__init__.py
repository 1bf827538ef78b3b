"""Everything that a report of a run tells, as one plain dictionary, ready for JSON.

Only pictures need TensorFlow and the dataset; the rest is read from the run folder.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cnnsearch.errors import CnnsearchError, RunError
from cnnsearch.records.events import read_events
from cnnsearch.records.folder import RunFolder
from cnnsearch.records.history import read_history
from cnnsearch.results.class_names import class_names
from cnnsearch.results.ranking import best_first
from cnnsearch.results.report.curves import costs_fronts, over_time
from cnnsearch.results.report.predictions import read_evaluation
from cnnsearch.results.summary import summarize
from cnnsearch.results.timing import stages, worker_count

if TYPE_CHECKING:
    from cnnsearch.space import SearchSpace

REPORT_VERSION = 1


def collect(folder: RunFolder) -> dict[str, Any]:
    """Return what is known of a run, finished or not; `missing` tells why a part is None.

    Raises:
        RunError: The folder is damaged, from another version or no run.
    """
    facts = folder.read_facts()
    summary = _summary(folder, facts)
    events = read_events(folder.events)
    shown, space = _shown_trial(summary), _space(folder)
    missing: dict[str, str] = {}
    labels = class_names(folder, facts["dataset"]["classes"])
    return {
        "version": REPORT_VERSION,
        "summary": summary,
        "document": facts["document"],
        "search": space and space.search.model_dump(),
        "first_guess": space and _first_guess(space),
        "step_images": facts.get("step_images"),
        "machine": facts.get("machine"),
        "space_text": _space_text(folder),
        "shown_trial": shown,
        "over_time": over_time(events, summary["trials"], maximize=_maximize(summary)),
        "stages": stages(events, summary["run"]["elapsed_s"]),
        "workers": worker_count(events),
        "fronts": costs_fronts(summary, maximize=_maximize(summary)),
        "history": [] if shown is None else read_history(folder.trial(shown)),
        "network": _network(folder, shown, missing),
        "labels": labels,
        "evaluation": read_evaluation(folder, labels, missing, tested=summary["test"] is not None),
        "missing": missing,
    }


def _summary(folder: RunFolder, facts: dict[str, Any]) -> dict[str, Any]:
    """Return the summary, and refuse a run.json that lacks what a run is asked with."""
    try:
        _ = facts["document"]["name"], facts["dataset"]["classes"], facts["budget"]["reserve"]
        return summarize(folder)
    except (KeyError, TypeError) as error:
        raise RunError(
            f"{folder.run_file} is damaged: it lacks {error}\n"
            "put it back from a copy, or start a new run"
        ) from None


def _maximize(summary: dict[str, Any]) -> bool:
    return bool(next(iter(summary["run"]["objectives"].values())) == "max")


def _shown_trial(summary: dict[str, Any]) -> int | None:
    """Return the winner, or the best so far of a run that has none yet."""
    if summary["winner"]:
        return int(summary["winner"]["trial"])
    best = best_first(summary["trials"], summary["run"]["objectives"])
    return int(best[0]["number"]) if best else None


def _network(
    folder: RunFolder, trial: int | None, missing: dict[str, str]
) -> dict[str, Any] | None:
    from cnnsearch.results.network import trial_of

    if trial is None:
        missing["network"] = "No trial has been scored."
        return None
    try:
        return trial_of(folder, trial)
    except CnnsearchError as error:
        missing["network"] = f"The layers cannot be shown: {error}."
        return None


def _space(folder: RunFolder) -> SearchSpace | None:
    """Return the space as the run keeps it, defaults included."""
    from cnnsearch.space import load_space

    try:
        return load_space(folder.space_file)
    except (OSError, ValueError, CnnsearchError):
        return None


def _first_guess(space: SearchSpace) -> dict[str, Any]:
    from cnnsearch.space import draw, first_guess

    return dict(draw(space, first_guess).settings)


def _space_text(folder: RunFolder) -> str | None:
    try:
        return folder.space_file.read_text(encoding="utf-8")
    except (OSError, ValueError):
        return None
