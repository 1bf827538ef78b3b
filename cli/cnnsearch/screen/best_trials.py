"""The trials with the best values, or those on the front, as a table."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import RenderableType

from cnnsearch.records.tally import state_words
from cnnsearch.results.ranking import best_first
from cnnsearch.screen import wording
from cnnsearch.screen.fields import Event, mappings, number, section, text, whole
from cnnsearch.screen.setting_words import STAGE_NUMBERS, names_a_stage
from cnnsearch.screen.summary_fields import (
    Summary,
    called,
    exported_later,
    index,
    latencies_ms,
    score_objective,
    scored_step,
)
from cnnsearch.screen.trial_state import BEST_COUNT
from cnnsearch.screen.trial_table import TrialTable, trial_settings
from cnnsearch.space.constraints import LATENCIES
from cnnsearch.space.quantities import plural


def best_trials(summary: Summary) -> list[RenderableType]:
    """Return the table of the trials with the best values, or of all that are on the front."""
    run, front = section(summary, "run"), section(summary, "front")
    objective, _ = score_objective(run)
    every = mappings(summary, "trials")
    best = (
        _members(front, every)
        if front
        else best_first(every, section(run, "objectives"))[:BEST_COUNT]
    )
    if not best:
        return []
    measured = [name for name in section(run, "objectives") if name in LATENCIES]
    columns = ["trial", objective, "parameters", "MACs"]
    columns += [*map(wording.heading, measured), "at step", "state"]
    winner = whole(section(summary, "winner"), "trial")
    rows = [_cells(trial, measured, text(run, "state") or "", winner) for trial in best]
    first = whole(every[0], "number") or 0
    settings = trial_settings(_settings(best), _settings(every), first)
    objectives = [wording.heading(name) for name in section(run, "objectives")]
    table = TrialTable(columns, rows, settings, objectives)
    later = exported_later(summary)
    return [
        *_about_front(front, run),
        table,
        *([f"({later})"] if later else []),
        f"(trial {first} was tried first)",
        *([f"({STAGE_NUMBERS})"] if any(map(names_a_stage, settings.words)) else []),
        *([f"(all settings of a trial: cnnsearch show {called(run)} --trial N)"] if run else []),
    ]


def _members(front: Event, trials: Sequence[Event]) -> list[Event]:
    """Return the facts of the trials on the front, best score first."""
    numbered = {whole(trial, "number"): trial for trial in trials}
    members = [whole(member, "trial") for member in mappings(front, "trials")]
    return [numbered[member] for member in members if member in numbered]


def _about_front(front: Event, run: Event) -> list[RenderableType]:
    if not front:
        return []
    objectives = ", ".join(wording.heading(name) for name in section(run, "objectives"))
    trials = plural(len(mappings(front, "trials")), "trial")
    words = (
        f"front of {objectives}: {trials} that no other dominates; the winner has the best score"
    )
    grown = mappings(front, "hypervolume")
    volume = number(grown[-1], "hypervolume") if grown else None
    return [words if volume is None else f"{words}; hypervolume {volume:.3f}"]


def _settings(trials: Sequence[Event]) -> list[Event]:
    return [section(trial, "settings") for trial in trials]


def _cells(trial: Event, measured: Sequence[str], run_state: str, winner: int | None) -> list[str]:
    """Return a row but for its settings; `measured` are the latencies that it tells."""
    return [
        index(trial, "number"),
        wording.score(number(trial, "value")),
        wording.count(whole(trial, "parameters")),
        wording.count(whole(trial, "macs")),
        *(wording.latency(latencies_ms(trial).get(name)) for name in measured),
        wording.whole_number(scored_step(trial)),
        _state(trial, run_state, winner),
    ]


def _state(trial: Event, run_state: str, winner: int | None) -> str:
    state = text(trial, "state") or wording.NOTHING
    words = wording.in_training(run_state) if state == "running" else state_words(state)
    if winner is not None and whole(trial, "number") == winner:
        words = wording.WINNER
    parent = whole(trial, "parent")
    return words if parent is None else f"{words}, from trial {parent}"
