"""What a run's events tell of its trials, for programs that show curves and settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cnnsearch.records.events import Event
from cnnsearch.records.folder import RunFolder
from cnnsearch.records.history import COLUMNS, read_history
from cnnsearch.records.trial import FAILURES


@dataclass(frozen=True)
class Look:
    """Loss and accuracy after some steps of the plan, in training and on the validation images."""

    time_s: float  # since the epoch
    measures: Mapping[str, float]


@dataclass
class TrialLog:
    """One trial as it is told to other programs; `state` is None until it has ended."""

    number: int
    started_s: float = 0.0  # since the epoch
    settings: Mapping[str, Any] = field(default_factory=dict)
    costs: dict[str, float] = field(default_factory=dict)  # parameters, macs, latencies in ms
    looks: dict[int, Look] = field(default_factory=dict)  # by steps of the plan
    state: str | None = None
    ended_s: float = 0.0  # since the epoch

    @property
    def failed(self) -> bool:
        return self.state in FAILURES


class RunLog:
    """A run as its events tell it, built up by `apply`."""

    def __init__(self, folder: RunFolder) -> None:
        self.folder = folder
        self.started: Event = {}  # the first event, which tells the run from others of its name
        self.objective = "val_accuracy"
        self.trials: dict[int, TrialLog] = {}
        self.figures: dict[str, float] = {}  # of the whole run: validation and test of the winner
        self.ended_s = 0.0  # since the epoch
        self.last = ""  # what happened last

    @property
    def identity(self) -> str:
        """What tells this run from all others, whoever copies its folder wherever."""
        return f"{self.started.get('run', self.folder.name)} {self.started.get('time', 0)}"

    def apply(self, event: Event) -> set[int]:
        """Take in one event; return the numbers of the trials that have changed by it."""
        kind = str(event["event"])
        time_s = float(event.get("time", 0.0))
        if time_s:  # what lies between the events has none
            self.ended_s = max(self.ended_s, time_s)
            self.last = str(event.get("phase", kind))
        if kind == "run_started":
            self.started = self.started or event
            self.objective = next(iter(event.get("objectives") or {}), self.objective)
        elif kind in ("finished", "tested"):
            self._take_figures(event)
        elif kind in ("trial_started", "measured", "look", "trial_ended") and "trial" in event:
            trial = self.trials.setdefault(int(event["trial"]), TrialLog(int(event["trial"])))
            self._tell(trial, event, time_s)
            return {trial.number}
        return set()

    def _tell(self, trial: TrialLog, event: Event, time_s: float) -> None:
        kind = event["event"]
        if kind == "trial_started":
            trial.started_s = trial.started_s or time_s
            trial.settings = event.get("settings", {})
            trial.costs |= {name: event.get(name, 0) for name in ("parameters", "macs")}
        elif kind == "measured":
            trial.costs |= event.get("latencies", {})
        elif kind == "look":
            history = read_history(self.folder.trial(trial.number))
            seen = next((row for row in reversed(history) if row["step"] == event["step"]), {})
            measures = {name: value for name, value in seen.items() if name in COLUMNS}
            trial.looks[event["step"]] = Look(time_s, {self.objective: event["value"]} | measures)
        else:
            trial.state, trial.ended_s = event.get("state", "error"), time_s

    def _take_figures(self, event: Event) -> None:
        if event["event"] == "finished":
            self.figures[self.objective] = event["value"]
        else:
            bounds = {f"test_accuracy_{end}": event[end] for end in ("low", "high") if end in event}
            self.figures |= {"test_accuracy": event["accuracy"], **bounds}
