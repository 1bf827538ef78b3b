"""How the time is divided: searching, then finishing, testing and exporting the winner."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import inf

from cnnsearch.tuning.needs import Needs

LEAST_ANNEALING_S = 6.0  # a shorter one is hardly worth the building of the network
TIGHT_S = 20.0  # starting, and the first look at a small network, on two cores
LEAST_PATIENCE_S = 60.0  # building and tracing a large network on one slow core, and saving it
USUAL = Needs(before_s=6.0, longest_s=inf, after_s=8.0)  # a small network on two cores, measured
_LEAST_AT_MOST = 0.6  # share of the budget that the reserve may take where less was asked for


@dataclass(frozen=True)
class Budget:
    """Limits of one run; None means no limit of that kind."""

    time_s: float | None
    trials: int | None
    reserve: float  # share of the time kept for finishing the winner
    trial_time_s: float | None = None  # for one trial; what it has scored by then counts
    target: float | None = None  # score that is good enough
    patience_s: float | None = None  # longest time without a better score
    needs: Needs = USUAL  # of finishing the winner

    def with_needs(self, needs: Needs) -> Budget:
        """Return the same limits with the time divided by what was measured."""
        return replace(self, needs=needs)

    @property
    def reserve_s(self) -> float:
        """Seconds kept for finishing, testing and exporting the winner.

        The share that was asked for holds what a small network needs. What a larger one needs
        besides its annealing comes on top, and what would be longer than a whole training goes
        to the search.
        """
        if self.time_s is None:
            return 0.0
        asked_s = self.reserve * self.time_s
        annealing_s = max(LEAST_ANNEALING_S, asked_s - USUAL.before_s - USUAL.after_s)
        kept_s = self.needs.before_s + min(annealing_s, self.needs.longest_s) + self.needs.after_s
        return min(kept_s, max(asked_s, _LEAST_AT_MOST * self.time_s))

    @property
    def trial_patience_s(self) -> float:
        """Seconds after which a trial hangs: a step, or building the network, may take its time."""
        if self.trial_time_s is None:
            return float("inf")
        return self.trial_time_s + max(LEAST_PATIENCE_S, self.trial_time_s / 2)

    @property
    def is_tight(self) -> bool:
        """Tell whether the search has hardly the time to train one small network."""
        return self.search_until_s < TIGHT_S

    @property
    def search_until_s(self) -> float:
        """Run time at which the search ends, in seconds."""
        return inf if self.time_s is None else self.time_s - self.reserve_s

    @property
    def annealing_s(self) -> float:
        """Seconds of the reserve that are for annealing the winner."""
        return inf if self.time_s is None else max(0.0, self.reserve_s - self.needs.after_s)

    @property
    def finish_until_s(self) -> float:
        """Run time at which the winner's training ends and its test begins, in seconds."""
        return inf if self.time_s is None else self.time_s - min(self.needs.after_s, self.reserve_s)
