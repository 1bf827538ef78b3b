"""The trials read so far, kept in the orders that a search asks for after every trial."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections import Counter, defaultdict

from cnnsearch.records.dominance import Point, covers
from cnnsearch.records.trial import State, TrialRecord


class KnownTrials:
    """Takes in each trial as it changes, so that nothing needs to go through all of them again."""

    def __init__(self, *, maximize: bool) -> None:
        self._sign = -1 if maximize else 1
        self._all: list[TrialRecord] = []
        self._unfinished: set[int] = set()
        self._ended: Counter[State] = Counter()
        self._ranked: list[TrialRecord] = []  # the finished ones that have a score
        self._front: list[TrialRecord] = []  # of these, the ones that no other covers
        self._scores: dict[int, dict[int, float]] = defaultdict(dict)  # by steps, by trial
        self._sorted: dict[int, list[float]] = defaultdict(list)  # the same, the least first

    def __len__(self) -> int:
        return len(self._all)

    @property
    def unfinished(self) -> list[int]:
        """Return the numbers of the trials that may still change."""
        return sorted(self._unfinished)

    def ended(self, state: State) -> int:
        """Return how many trials have ended so."""
        return self._ended[state]

    def take_in(self, record: TrialRecord) -> None:
        """Add the next trial, or replace an unfinished one by what it has become."""
        self._all[record.number : record.number + 1] = [record]
        for step, value in record.looks.items():
            self._note_score(step, record.number, value)
        if record.finished:
            self._unfinished.discard(record.number)
            self._ended[record.state] += 1
            self._rank(record, self._ranked)
            self._front = self._joined(self._front, record)
        else:
            self._unfinished.add(record.number)

    def all(self) -> list[TrialRecord]:
        """Return every trial, by number."""
        return list(self._all)

    def ranking(self) -> list[TrialRecord]:
        """Return the trials with a score that did not fail: best first, of equals the cheapest."""
        ranking = list(self._ranked)
        for number in self._unfinished:
            self._rank(self._all[number], ranking)
        return ranking

    def front(self) -> list[TrialRecord]:
        """Return the trials of the ranking that no other dominates: the best score first.

        Of equals it holds the first of the ranking; with one objective it is the best alone.
        """
        front = self._front
        for number in self._unfinished:
            front = self._joined(front, self._all[number])
        return sorted(front, key=self._order)

    def standing(self, number: int, step: int) -> tuple[int, int]:
        """Return how many others scored as well as a trial after `step` steps, or better; and all.

        All are the others that have been looked at there.
        """
        scores, value = self._sorted[step], self._scores[step][number]
        worse = bisect_left(scores, value)
        not_better = bisect_right(scores, value)
        as_good = len(scores) - worse if self._sign < 0 else not_better
        return as_good - 1, len(scores) - 1

    def points(self, step: int) -> dict[int, Point]:
        """Return the score after `step` steps with the costs, by trial; less is better."""
        return {
            number: (self._sign * score, *(self._all[number].values or (score,))[1:])
            for number, score in self._scores[step].items()
        }

    def _note_score(self, step: int, number: int, value: float) -> None:
        known, ordered = self._scores[step], self._sorted[step]
        if number in known:
            del ordered[bisect_left(ordered, known[number])]
        known[number] = value
        insort(ordered, value)

    def _rank(self, record: TrialRecord, ranking: list[TrialRecord]) -> None:
        if record.values is not None and not record.failed:
            insort(ranking, record, key=self._order)

    def _order(self, record: TrialRecord) -> tuple[float, ...]:
        return *self.point(record), record.parameters, record.macs, record.number

    def point(self, record: TrialRecord) -> Point:
        """Return the values of a trial that has them, so that less of each is better."""
        assert record.values is not None
        return self._sign * record.values[0], *record.values[1:]

    def _joined(self, front: list[TrialRecord], record: TrialRecord) -> list[TrialRecord]:
        """Return the front with a trial that may be one of it, without those that it dominates."""
        if record.values is None or record.failed:
            return front
        point, order = self.point(record), self._order(record)
        if any(covers(self.point(other), point) and self._order(other) < order for other in front):
            return front
        return [*(other for other in front if not covers(point, self.point(other))), record]
