"""The state of a run as its events tell it: no drawing, no clock, no files."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, replace

from cnnsearch.records.events import SEARCHED
from cnnsearch.records.tally import ENDED, left, state_words
from cnnsearch.records.trial import FAILURES
from cnnsearch.screen.fields import Event, finite, number, section, text, whole
from cnnsearch.screen.trial_state import BEST_COUNT, TrialState, front

REPLACED = 10  # exit code of a worker that had grown; its reason says that a new one follows


@dataclass
class Finish:
    """The winner's last training, after the search."""

    trial: int | None = None
    step: int = 0
    of_step: int | None = None
    loss: float | None = None
    accuracy: float | None = None
    anneals: bool | None = None  # or is looked at only, where the search left it; None: neither
    ended: Event | None = None  # what it has come to: `finished`


@dataclass(frozen=True)
class Budget:
    """What the run may use; None: no such limit."""

    time_s: float | None = None
    trials: int | None = None
    reserve_s: float | None = None


class Board:
    """Everything the screen shows, built up by `apply`, which takes any event and never raises."""

    def __init__(self, objective: str = "val_accuracy", direction: str = "max") -> None:
        self.objective = objective
        self.direction = direction
        self.costs: list[str] = []  # objectives beside the score
        self.run: Event = {}  # the facts of `run_started`
        self.device: str | None = None
        self.budget = Budget()
        self.elapsed_s = 0.0
        self.phase = "start"
        self.workers: dict[int, str] = {}  # those that live: "starting", then "ready"
        self.worker_died = False  # the last one that ended, unexpectedly
        self.trials: dict[int, TrialState] = {}
        self._hands: dict[int, TrialState] = {}  # what each worker works on
        self._infeasible: dict[int, int] = {}  # counted by each worker that lives
        self._infeasible_before = 0  # counted by earlier workers: each begins at zero
        self.ended_because: str | None = None  # the search, not the run
        self.finish: Finish | None = None
        self.tested: Event = {}
        self.exports: list[Event] = []
        self.stopping: str | None = None
        self.stopped: Event | None = None
        self.notice: str | None = None  # the last thing that went wrong, in words

    def apply(self, event: Event) -> None:
        """Take in one event; unknown ones and those without their keys change nothing."""
        elapsed_s = finite(event, "elapsed_s")
        if elapsed_s is not None:
            self.elapsed_s = max(0.0, elapsed_s)
        handler = getattr(self, f"_on_{event.get('event')}", None)
        if handler is not None:
            handler(event)

    @property
    def ended(self) -> bool:
        """True once time no longer counts."""
        return self.phase == "done" or self.stopped is not None

    @property
    def in_flight(self) -> list[TrialState]:
        """Return the trials that are being trained, by number."""
        return sorted(self._hands.values(), key=lambda trial: trial.number)

    @property
    def infeasible(self) -> int:
        """Return how many candidates were drawn again."""
        return self._infeasible_before + sum(self._infeasible.values())

    def time_left_s(self, since_s: float = 0.0) -> float | None:
        """Return the seconds of the budget left `since_s` seconds after the last event."""
        if self.budget.time_s is None:
            return None
        return max(0.0, self.budget.time_s - self.elapsed_s - since_s)

    def best(self, count: int = BEST_COUNT) -> list[TrialState]:
        """Return the trials with the best values, best first; of equals the cheapest.

        With several objectives they are those of the front.
        """
        return self.front()[:count]

    def front(self) -> list[TrialState]:
        """Return the trials that no other dominates; with one objective all, best first."""
        return front(self.trials.values(), direction=self.direction, costs=self.costs)

    def counts(self) -> dict[str, int]:
        """Return how many of all trials begun are in which state."""
        counts = Counter(trial.state for trial in self.trials.values())
        return left(counts) if self.ended else counts

    def _trial(self, event: Event) -> TrialState | None:
        """Return the trial an event is about, a new one when it was not heard of yet."""
        index = whole(event, "trial")
        return None if index is None else self.trials.setdefault(index, TrialState(index))

    def _on_run_started(self, event: Event) -> None:
        self.run = dict(event)
        self.device = text(event, "device") or self.device
        budget = section(event, "budget")
        self.budget = Budget(
            finite(budget, "time_s"), whole(budget, "trials"), finite(budget, "reserve_s")
        )
        objectives = section(event, "objectives")
        if objectives:
            self.objective, *self.costs = objectives
            self.direction = str(objectives[self.objective])
        self._set_aside()
        self.workers.clear()
        self.phase, self.stopping, self.stopped, self.notice = "start", None, None, None
        self.worker_died = False
        if self.finish is not None and self.finish.ended is None:
            self.finish = None

    def _on_worker_started(self, event: Event) -> None:
        worker = _worker(event)
        self.workers[worker] = "starting"
        self._infeasible_before += self._infeasible.pop(worker, 0)
        if self.worker_died and self.notice is not None:
            self.notice += "; a new one goes on"

    def _on_worker_ready(self, event: Event) -> None:
        self.workers[_worker(event)] = "ready"
        self.device = text(event, "device") or self.device

    def _on_worker_ended(self, event: Event) -> None:
        self.workers.pop(_worker(event), None)
        self._set_aside(_worker(event))
        exit_code = whole(event, "exit_code")
        self.worker_died = exit_code not in (0, REPLACED, SEARCHED)
        if exit_code not in (0, SEARCHED):
            self.notice = f"worker ended: {text(event, 'reason') or 'no reason known'}"

    def _set_aside(self, worker: int | None = None) -> None:
        """Let the trial of a worker, or of all of them, wait: nobody works on it now."""
        for index in [*self._hands] if worker is None else [worker]:
            self._hands.pop(index, None)

    def _on_trial_started(self, event: Event) -> None:
        trial = self._trial(event)
        if trial is None:
            return
        trial.parameters = whole(event, "parameters")
        trial.macs = whole(event, "macs")
        trial.settings = section(event, "settings")
        trial.loss = trial.accuracy = trial.images_per_s = trial.next_look = None
        self._work_on(trial, event)
        self.phase = "search"

    def _on_measured(self, event: Event) -> None:
        trial = self._trial(event)
        if trial is not None:
            trial.latencies = section(event, "latencies")

    def _on_progress(self, event: Event) -> None:
        trial = self._trial(event)
        if trial is None:
            return
        trial.next_look = whole(event, "next_look")
        trial.loss = number(event, "loss")
        trial.accuracy = number(event, "accuracy")
        trial.images_per_s = finite(event, "images_per_s")
        self._work_on(trial, event)

    def _on_look(self, event: Event) -> None:
        trial = self._trial(event)
        if trial is None:
            return
        value, step = _ranked(event), whole(event, "step")
        if value is not None and self._is_better(value, trial.value):
            trial.value, trial.scored_step = value, step
        trial.next_look = None
        self._work_on(trial, event)

    def _work_on(self, trial: TrialState, event: Event) -> None:
        trial.state = "running"
        trial.step = whole(event, "step") or 0
        trial.top_step = whole(event, "top_step") or trial.top_step
        self._let_go(trial)  # of its worker that has died, if it has
        self._hands[_worker(event)] = trial

    def _let_go(self, trial: TrialState) -> None:
        self._hands = {worker: each for worker, each in self._hands.items() if each is not trial}

    def _on_trial_ended(self, event: Event) -> None:
        trial = self._trial(event)
        if trial is None:
            return
        trial.state = text(event, "state") or "error"
        if trial.state not in ENDED:
            trial.state = "error"
        step, value = whole(event, "step") or 0, _ranked(event)
        if value is not None and value != trial.value:  # of a look that was not heard of
            trial.value, trial.scored_step = value, step
        trial.step = max(trial.step, step)
        if trial.state in FAILURES:
            reason = text(event, "message")
            words = f"trial {trial.number} {state_words(trial.state)}"
            self.notice = f"{words}: {reason}" if reason else words
        self._let_go(trial)

    def _on_trial_paused(self, event: Event) -> None:
        trial = self._trial(event)
        if trial is not None:
            trial.state = "paused"
            self._let_go(trial)

    def _is_better(self, value: float, than: float | None) -> bool:
        return than is None or (value < than if self.direction == "min" else value > than)

    def _on_infeasible(self, event: Event) -> None:
        self._infeasible[_worker(event)] = whole(event, "count") or 0

    def _on_reserve(self, event: Event) -> None:
        self.budget = replace(self.budget, reserve_s=finite(event, "reserve_s"))

    def _on_search_ended(self, event: Event) -> None:
        self.ended_because = text(event, "message")

    def _on_phase(self, event: Event) -> None:
        self.phase = text(event, "phase") or self.phase
        if self.phase == "search":
            self.ended_because = None  # given other limits, it goes on
        if self.phase == "finish":
            self.finish = Finish(whole(event, "trial"), anneals=event.get("anneals") is not False)

    def _on_finish_progress(self, event: Event) -> None:
        self.finish = Finish(
            whole(event, "trial"),
            whole(event, "step") or 0,
            whole(event, "of_step"),
            number(event, "loss"),
            number(event, "accuracy"),
            anneals=True,
        )

    def _on_finished(self, event: Event) -> None:
        self.finish = self.finish or Finish()
        if self.phase not in ("export", "done"):
            self.phase = "finish"
        trial = whole(event, "trial")
        self.finish.trial = self.finish.trial if trial is None else trial
        if event.get("anneals") is False:
            self.finish.anneals = False
        self.finish.ended = dict(event)

    def _on_tested(self, event: Event) -> None:
        self.tested = dict(event)

    def _on_exported(self, event: Event) -> None:
        others = [export for export in self.exports if export.get("path") != event.get("path")]
        self.exports = [*others, dict(event)]

    def _on_stopping(self, event: Event) -> None:
        self.stopping = text(event, "reason") or "stopping"

    def _on_stopped(self, event: Event) -> None:
        self._set_aside()
        self.stopped = dict(event)

    def _on_warning(self, event: Event) -> None:
        message = text(event, "message")
        self.notice = f"warning: {message}" if message else self.notice


def _worker(event: Event) -> int:
    return whole(event, "worker") or 0


def _ranked(event: Event) -> float | None:
    """Return the event's value where it can be compared with others."""
    value = number(event, "value")
    return value if value is not None and math.isfinite(value) else None


def interrupted(stopped: Event) -> bool:
    """Tell whether a signal stopped the run: the command's last words say so, and how to go on."""
    return whole(stopped, "exit_code") in (130, 143)
