"""Turns a sampler's ideas into candidates worth training: within limits, new, quick enough."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from random import Random

from cnnsearch.architecture import Architecture, InfeasibleError, describe
from cnnsearch.architecture.fault import Fault
from cnnsearch.architecture.impossible import advice_for
from cnnsearch.architecture.limits import NearestMisses, misses
from cnnsearch.errors import NothingFeasibleError
from cnnsearch.records.study import TrialRecord
from cnnsearch.space import Candidate, SearchSpace, draw, first_guess, random_chooser, replay
from cnnsearch.tuning.samplers import SAMPLERS

MOST_DRAWS = 2_000  # for one proposal; costs about a second
MOST_TOO_SLOW = 100  # draws within the limits; then the time left is not worth more
_DRAWS_FROM_SAMPLER = 50  # then random ones: a sampler can be stuck where everything was tried


@dataclass(frozen=True)
class Proposal:
    """A candidate to train, with the network it describes."""

    candidate: Candidate
    architecture: Architecture


class Proposals:
    """Proposes candidates for one run. The same seed and history give the same proposal."""

    def __init__(
        self,
        space: SearchSpace,
        input_shape: tuple[int, int, int],
        classes: int,
        *,
        too_slow: Callable[[Proposal], bool] = lambda proposal: False,
    ) -> None:
        self._space = space
        self._input_shape = input_shape
        self._classes = classes
        self._too_slow = too_slow
        self._tried: set[str] = set()
        self._read = 0  # how much of the history is in _tried
        # Draws that were replaced before training, by the reason for it.
        self.impossible: Counter[Fault] = Counter()
        self.outside: Counter[str] = Counter()  # of a limit; one draw may be outside of several
        self.refused_draws = 0
        self._nearest = NearestMisses()

    @property
    def refused(self) -> Counter[str]:
        """Return every reason, in words, with the number of draws that had it."""
        faults = {str(fault): count for fault, count in self.impossible.items()}
        return Counter({**faults, **self.outside})

    def describe(self, candidate: Candidate) -> Architecture:
        """Return the candidate's network.

        Raises:
            InfeasibleError: Its geometry is impossible for the data.
        """
        return describe(candidate.architecture, self._input_shape, self._classes)

    def next(self, history: Sequence[TrialRecord]) -> Proposal | None:
        """Return the next candidate, or None when no new one within limits and time was found."""
        for trial in history[self._read :]:
            self._tried.add(_key(draw(self._space, replay(trial.settings))))
        self._read = len(history)
        rng = Random(f"{self._space.search.seed}:{len(history)}")
        too_slow = 0
        for draw_number in range(MOST_DRAWS):
            candidate = self._draw(draw_number, history, rng)
            if _key(candidate) in self._tried:
                continue
            proposal = self._judge(candidate)
            if proposal is None:
                continue
            if not self._too_slow(proposal):
                return proposal
            too_slow += 1
            if too_slow >= MOST_TOO_SLOW:
                return None
        return None

    def nothing_feasible(self) -> NothingFeasibleError:
        """Return the error that says why no candidate was found, and what to change."""
        told = ", ".join(f"{reason} ({count})" for reason, count in self.refused.most_common(5))
        that, what = " that can be built" if self.impossible else "", "is within the limits"
        if not self.outside:
            that, what = "", "can be built"
        return NothingFeasibleError(
            f"no candidate of {self._space.name}{that} {what}; of {self.refused_draws} draws: "
            f"{told}. {'. '.join(self._advice())}"
        )

    def _advice(self) -> Iterator[str]:
        """Yield what to change: the limits, or what is in the way of most networks."""
        if self.outside:
            yield f"The nearest to each limit: {self._nearest}"
            yield "Loosen `constraints` or widen the space"
        for fault, _ in self.impossible.most_common(1):
            yield f"Where {fault.where} cannot be built: {advice_for(fault)}"

    def _draw(self, draw_number: int, history: Sequence[TrialRecord], rng: Random) -> Candidate:
        if not history and draw_number == 0:
            return draw(self._space, first_guess)
        if draw_number < _DRAWS_FROM_SAMPLER:
            return SAMPLERS[self._space.search.algorithm](self._space, history, rng)
        return draw(self._space, random_chooser(rng))

    def _judge(self, candidate: Candidate) -> Proposal | None:
        try:
            proposal = Proposal(candidate, self.describe(candidate))
        except InfeasibleError as error:
            self.impossible[Fault.of(error)] += 1
            self.refused_draws += 1
            return None
        reasons = self._reasons_against(proposal)
        if reasons:
            self.outside.update(reasons)
            self.refused_draws += 1
            return None
        return proposal

    def _reasons_against(self, proposal: Proposal) -> list[str]:
        training = proposal.candidate.training
        broken = misses(proposal.architecture, self._space.constraints, training)
        self._nearest.note(broken)
        return [f"{miss.constraint.quantity} outside the limit" for miss in broken]


def _key(candidate: Candidate) -> str:
    """Tell candidates apart by what is trained: other settings may describe the same network."""
    return repr((candidate.architecture, candidate.training, candidate.augmentation))
