"""Which trials go on past a look, and which candidates may begin, by what they scored and cost."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import inf
from typing import Literal

from cnnsearch.architecture.memory import traffic
from cnnsearch.records.trial import TrialRecord
from cnnsearch.tuning.inheriting import far_step, lineage
from cnnsearch.tuning.proposals import Proposal
from cnnsearch.tuning.racing import (
    HEIR_STEPS,
    can_overtake,
    has_its_share,
    has_stopped_improving,
    heir_is_compared,
    is_ample,
    is_compared,
    may_begin,
    steps_to_catch_up,
)
from cnnsearch.tuning.rungs import FACTOR, goes_on, goes_on_among
from cnnsearch.tuning.samplers.fitness import comparison
from cnnsearch.tuning.step_cost import StepCost, Work
from cnnsearch.tuning.worker.ending import Ending
from cnnsearch.tuning.worker.run import Run

Verdict = Literal["goes on", "complete", "pruned", "paused", "stopped"]
MOST_COMPARED = 300  # of the latest trials, where there are several objectives: sorting takes time


class Race:
    """Compares the trials of a run with one another."""

    def __init__(self, run: Run, ending: Ending) -> None:
        self._run = run
        self._ending = ending
        self._outdoes = comparison(run.space)
        self._sign = 1 if run.study.maximize else -1
        self.cost = StepCost()
        self._seen = 0  # trials that were there when it last looked
        self._in_flight: set[int] = set()
        self._learned: set[int] = set()  # ended trials
        for record in run.study.trials():
            self.learn(record)

    def learn(self, record: TrialRecord) -> None:
        """Take in what the trial's steps have taken."""
        if record.finished:
            self._learned.add(record.number)
        self.cost.observe(Work(record.macs, record.traffic), record.seconds.get("image"))

    def learn_from_others(self, history: list[TrialRecord]) -> None:
        """Learn from the trials that other workers have ended since this one last looked."""
        self._in_flight.update(range(self._seen, len(history)))
        self._seen = len(history)
        for number in sorted(self._in_flight):
            if history[number].finished:
                self._in_flight.remove(number)
                if number not in self._learned:
                    self.learn(history[number])

    def judge(self, number: int, step: int, seconds: float) -> Verdict:
        """Tell whether a trial goes on that was scored after `step` steps and so many seconds."""
        study, by_time = self._run.study, self._run.budget.ends_by_time
        history, best = study.trials(), study.best()
        record = history[number]
        rival = None if best is None or best.number == number else best
        if by_time and rival and self._has_time_to_show(record, rival, history, step, seconds):
            return "goes on"
        if step in self._run.plan.rungs and not self._does_well(number, step):
            return "pruned"
        if not by_time:
            return "goes on"
        if rival:
            return self._chase(record, rival, history, step)
        return self._lead(record, history, seconds)

    def challengers_are_due(self, leader: TrialRecord, history: list[TrialRecord]) -> bool:
        """Tell whether the best trial, which waits, has had its share of the time."""
        leader_s, all_s = leader.seconds.get("total", 0.0), _seconds(history)
        return has_its_share(leader_s, all_s, workers=self._run.workers)

    def is_too_slow(self, proposal: Proposal) -> bool:
        """Tell whether the first look would come too late, or too late to overtake the best."""
        work = Work(proposal.architecture.macs, traffic(proposal.architecture))
        first_look_s = self._predict_s(work, steps=self._run.plan.first)
        if first_look_s is not None and first_look_s > self._seconds_left():
            return True
        best = self._run.study.best()
        if best is None or not self._run.budget.ends_by_time:
            return False
        steps = self._steps_to_catch_up(work, lineage(best, self._run.study.trials()))
        return not may_begin(self._predict_s(work, steps=steps), self._seconds_left())

    def has_ample_time(self, best: TrialRecord) -> bool:
        """Tell whether larger networks than the best one are tried first.

        Not where there are several objectives: small ones are sought there for themselves. A trial
        that has just begun is taken to be at its best once it is far.
        """
        if len(self._run.study.objectives) > 1 or not self._run.budget.ends_by_time:
            return False
        first = lineage(best, self._run.study.trials())[-1]
        steps = max(first.scored_step, far_step(self._run.plan))
        best_s = self._predict_s(Work(best.macs, best.traffic), steps=steps)
        return is_ample(self._seconds_left(), best_s)

    def promising_strangers(
        self, best: TrialRecord, history: Sequence[TrialRecord]
    ) -> list[TrialRecord]:
        """Return the strangers that are to have an heir under the best one's regularisation.

        They did better than the first of the best one's line, when that was as far, have ended, and
        have no heirs yet. The best of them comes first. Where the best trial is no heir itself,
        there is nothing to adopt: scores tell already what is better.
        """
        return [] if best.parent is None else self.better_strangers(best, history)

    def better_strangers(
        self, best: TrialRecord, history: Sequence[TrialRecord]
    ) -> list[TrialRecord]:
        """Return the same, whether or not there is something to adopt yet."""
        first, far = lineage(best, history)[-1], far_step(self._run.plan)
        parents = {trial.parent for trial in history}
        scored = self._run.study.points(far).keys() - parents
        strangers = [
            trial
            for trial in (history[number] for number in scored if number < len(history))
            if trial.parent is None and trial.finished and not trial.failed
            if self._outdoes(trial, first)
        ]
        return sorted(strangers, key=lambda trial: (-self._sign * trial.looks[far], trial.number))

    def leaves_time_to_build(self) -> bool:
        """Tell whether the best trial, taken up again, would make a step before the search ends."""
        return self._build_s() <= self._seconds_left()

    def leaves_time_for_an_heir(self, best: TrialRecord) -> bool:
        """Tell whether a trial that begins with the best one's weights could go on for a while."""
        steps = round(HEIR_STEPS * best.scored_step)
        training_s = self._predict_s(Work(best.macs, best.traffic), steps=steps) or 0.0
        return self._build_s() + training_s <= self._seconds_left()

    def _has_time_to_show(
        self,
        record: TrialRecord,
        best: TrialRecord,
        history: Sequence[TrialRecord],
        step: int,
        seconds: float,
    ) -> bool:
        """Tell whether a challenger goes on without being compared, as there is much time left.

        One that begins anew comes as far as the best trial at most.
        """
        left_s = self._seconds_left()
        if record.parent is None:
            return step < best.steps and not is_compared(FACTOR * seconds, left_s)
        parent_s = history[record.parent].seconds.get("total", 0.0)
        return not heir_is_compared(seconds, parent_s, left_s)

    def _does_well(self, number: int, step: int) -> bool:
        """Compare a trial with those that were looked at after as many steps."""
        study = self._run.study
        if len(study.objectives) > 1:
            points = study.points(step)
            own = points.pop(number)
            return goes_on_among(own, list(points.values())[-MOST_COMPARED:])
        return goes_on(*study.standing(number, step))

    def _lead(self, record: TrialRecord, history: Sequence[TrialRecord], seconds: float) -> Verdict:
        """Tell whether the best trial goes on now, where the time is limited."""
        if has_stopped_improving(record.looks, record.scored_step):
            return "complete"
        all_s = seconds + _seconds(other for other in history if other.number != record.number)
        waits = has_its_share(seconds, all_s, workers=self._run.workers)
        return "paused" if waits else "goes on"

    def _chase(
        self, record: TrialRecord, best: TrialRecord, history: Sequence[TrialRecord], step: int
    ) -> Verdict:
        """Tell whether a challenger that did well goes on, where the time is limited.

        Where it has come as far as the best one and is worse, it ends; of several objectives it has
        its place. One of another line is not held against what the best has become since: it ends
        where it has caught up and is not ahead, or gets no better.
        """
        line, work = lineage(best, history), Work(record.macs, record.traffic)
        steps, is_over = best.scored_step, step >= best.steps
        if lineage(record, history)[-1].number != line[-1].number:
            catching_up = self._steps_to_catch_up(work, line)
            is_as_far = step >= catching_up
            is_over = is_over or (is_as_far and self._is_beaten(record, line, step))
            steps = self._fewer_if_costlier(work, best, steps) if is_as_far else catching_up
        lacks_s = self._predict_s(work, steps=max(0, steps - step))
        left_s, workers = self._seconds_left(), self._run.workers
        if is_over or not can_overtake(lacks_s, left_s, workers=workers):
            return "pruned"
        return "goes on"

    def _steps_to_catch_up(self, work: Work, line: Sequence[TrialRecord]) -> int:
        """Return the steps after which a stranger should have come as far as the best trial.

        That is as far as the first of its line had come: what its heirs made of it since, one of
        the stranger's will.
        """
        best, first = line[0], line[-1]
        steps = min(best.scored_step, max(first.scored_step, best.scored_step // FACTOR))
        return self._fewer_if_costlier(work, best, steps)

    def _fewer_if_costlier(self, work: Work, best: TrialRecord, steps: int) -> int:
        """Return the steps after which a network is as far as the best one after `steps`."""
        own_s = self._predict_s(work, steps=1)
        its_s = self._predict_s(Work(best.macs, best.traffic), steps=1)
        return steps_to_catch_up(steps, own_s / its_s if own_s and its_s else None)

    def _is_beaten(self, record: TrialRecord, line: Sequence[TrialRecord], step: int) -> bool:
        """Tell whether a trial gets no better, or is no better than the best one's line was then.

        With several objectives it may still have its place.
        """
        if len(self._run.study.objectives) > 1:
            return False
        values = (value for each in line for at, value in each.looks.items() if at <= step)
        before = max((self._sign * value for value in values), default=-inf)
        is_ahead = self._sign * record.looks[step] > before
        return not is_ahead or has_stopped_improving(record.looks, record.scored_step)

    def _build_s(self) -> float:
        """Return what building the best network, and its first step, took; 0: not known."""
        costs = (self._run.study.facts().get("best") or {}).get("costs") or {}
        return float(costs.get("build_s", 0.0))

    def _predict_s(self, work: Work, *, steps: int) -> float | None:
        return self.cost.predict_s(work, images=steps * self._run.plan.batch_size)

    def _seconds_left(self) -> float:
        return self._ending.budget.search_until_s - self._run.clock.elapsed_s()


def _seconds(records: Iterable[TrialRecord]) -> float:
    return sum(record.seconds.get("total", 0.0) for record in records)
