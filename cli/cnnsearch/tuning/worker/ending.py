"""When the search is over, and why: decided by whichever worker sees it, kept in the study."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import asdict
from typing import Any, Literal

from cnnsearch.exporting.formats import FURTHER_S
from cnnsearch.space.quantities import format_duration
from cnnsearch.tuning.budget import Budget
from cnnsearch.tuning.needs import Costs, annealing_steps, learned_needs
from cnnsearch.tuning.rungs import usual_steps
from cnnsearch.tuning.worker.run import Run

Reason = Literal["time", "trials", "target", "patience", "space"]
READ_EVERY_S = 2.0  # what other workers have found out
AT_ONCE: tuple[Reason, ...] = ("time", "target", "patience")  # trials in training stop too


def learned_budget(run: Run) -> Budget:
    """Return the run's budget with the reserve that the best network so far needs."""
    best = run.study.facts().get("best") or {}
    costs = best.get("costs")
    if costs is None:
        return run.budget
    steps = run.plan.top
    if run.budget.ends_by_time:
        winner = run.study.best()  # of equals the cheapest, not the first: it is the one to finish
        trained = (winner or run.study.trials()[best["trial"]]).scored_step
        usual = usual_steps(len(run.dataset.x_train), run.plan.batch_size)
        steps = annealing_steps(trained, most=steps, usual=usual if run.plan.open_ended else None)
    tests = len(run.dataset.x_test) / max(1, len(run.dataset.x_validation))
    needs = learned_needs(
        Costs(**costs),
        steps=steps,
        tests=tests,
        import_s=run.import_s,
        formats_s=sum(FURTHER_S.get(name, 0.0) for name in run.space.export.formats),
    )
    return run.budget.with_needs(needs)


class Ending:
    """Knows whether the search of a run is over.

    The study holds the best score with the run time at which it came (`best`), and how the search
    ended (`search_ended`), so that a resumed run goes on with what follows.
    """

    def __init__(self, run: Run) -> None:
        self._run = run
        self._sign = 1 if run.study.maximize else -1
        self._best: dict[str, Any] | None = None
        self._ended: dict[str, Any] | None = None
        self.budget = run.budget  # its reserve by what the best network so far needs
        self._read()

    def take_in(self, trial: int, value: float, costs: Costs | None) -> None:
        """Take in a trial's score; the best so far is kept with its time and its costs."""
        self._read()
        if self._best is None or self._sign * value > self._sign * self._best["value"]:
            best = {"trial": trial, "value": value, "elapsed_s": self._elapsed_s()}
            known = self._best["costs"] if self._best and self._best["trial"] == trial else None
            self._run.study.note_study(best=best | {"costs": asdict(costs) if costs else known})
            before_s = self.budget.reserve_s
            self._read()
            if self.budget.reserve_s != before_s:
                reserve_s = round(self.budget.reserve_s, 3)
                self._run.channel.send("reserve", reserve_s=reserve_s)

    def at_once(self) -> str | None:
        """Return why no trial may go on even one step: quick, for it is asked after every step.

        Where all trials were made, those in training go on only as far as the other limits allow.
        """
        is_due = self._run.clock.elapsed_s() >= self._read_s + READ_EVERY_S
        if is_due or (self._ended is None and self._found() is not None):
            with suppress(OSError):  # of a network file system, say: there is another time
                self._read()  # another worker may know of an end, or that finishing needs less time
        if self._ended is not None and self._ended["reason"] in AT_ONCE:
            return str(self._ended["message"])
        found = self._found()
        if found is None:
            return None
        if self._ended is None:
            self.note(*found)
        return found[1]

    def before_a_trial(self, trials: int) -> bool:
        """Tell whether no further trial may begin, where so many count for the budget."""
        self._read()
        self.at_once()
        most = self._run.budget.trials
        if self._ended is None and most is not None and trials >= most:
            made = "1 trial was" if most == 1 else f"{most:,} trials were"
            self.note("trials", f"{made} made, as many as were asked for")
        return self._ended is not None

    def note(self, reason: Reason, message: str) -> None:
        """Record that the search has ended."""
        self._ended = {"reason": reason, "message": message, "elapsed_s": self._elapsed_s()}
        self._run.study.note_study(search_ended=self._ended)
        self._run.channel.send("search_ended", reason=reason, message=message)

    def _found(self) -> tuple[Reason, str] | None:
        budget, elapsed_s = self.budget, self._run.clock.elapsed_s()
        if elapsed_s >= budget.search_until_s:
            return "time", "the time to search was over"
        best = self._best
        if best is None:
            return None
        if budget.target is not None and self._sign * best["value"] >= self._sign * budget.target:
            score = f"{self._run.metric} {best['value']:.4f}"
            return (
                "target",
                f"trial {best['trial']} reached {score}; {budget.target:g} was asked for",
            )
        if budget.patience_s is not None and elapsed_s - best["elapsed_s"] >= budget.patience_s:
            time = format_duration(budget.patience_s)
            return "patience", f"no trial was better than trial {best['trial']} for {time}"
        return None

    def _read(self) -> None:
        """Read what any worker has found out."""
        self._read_s = self._run.clock.elapsed_s()
        facts = self._run.study.facts()
        self._best = facts.get("best")
        self.budget = learned_budget(self._run)
        self._ended = facts.get("search_ended")

    def _elapsed_s(self) -> float:
        return round(self._run.clock.elapsed_s(), 3)
