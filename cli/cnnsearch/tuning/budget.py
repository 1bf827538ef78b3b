"""How the time is divided: searching, then finishing, testing and exporting the winner."""

from __future__ import annotations

from dataclasses import dataclass

EXPORT_S = 8.0  # testing, writing and proving the export of a small model on two cores, measured
FINISH_S = 12.0  # the least that annealing the winner is worth
TIGHT_S = 20.0  # starting, and the first look at a small network, on two cores
LEAST_PATIENCE_S = 60.0  # building and tracing a large network on one slow core, and saving it
_LEAST_AT_MOST = 0.6  # share of a very short budget that the least reserve may take


@dataclass(frozen=True)
class Budget:
    """Limits of one run; None means no limit of that kind."""

    time_s: float | None
    trials: int | None
    reserve: float  # share of the time kept for finishing the winner
    trial_time_s: float | None = None  # for one trial; what it has scored by then counts

    @property
    def reserve_s(self) -> float:
        """Seconds kept for finishing, testing and exporting the winner."""
        if self.time_s is None:
            return 0.0
        least_s = min(EXPORT_S + FINISH_S, _LEAST_AT_MOST * self.time_s)
        return max(self.reserve * self.time_s, least_s)

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
        return float("inf") if self.time_s is None else self.time_s - self.reserve_s

    @property
    def finish_until_s(self) -> float:
        """Run time at which the winner's training ends and its export begins, in seconds."""
        return float("inf") if self.time_s is None else self.time_s - min(EXPORT_S, self.reserve_s)
