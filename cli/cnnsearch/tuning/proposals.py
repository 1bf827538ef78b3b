"""Turns a sampler's ideas into candidates worth training: within limits, new, quick enough."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random

from cnnsearch.architecture import Architecture, InfeasibleError, describe
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
        self.refused: Counter[str] = Counter()  # reason -> draws replaced before training
        self.refused_draws = 0  # of which one may have had several reasons
        self.time_is_short = False  # what was drawn last would take longer than is left
        self._nearest = NearestMisses()

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
                break
        self.time_is_short = too_slow > 0
        return None

    def nothing_feasible(self) -> NothingFeasibleError:
        """Return the error that says why no candidate was found."""
        reasons = ", ".join(f"{reason} ({count})" for reason, count in self.refused.most_common(5))
        return NothingFeasibleError(
            f"no candidate of {self._space.name} is within the limits; "
            f"of {self.refused_draws} draws: {reasons}. {self._nearest_misses()}"
            "Loosen `constraints` or widen the space"
        )

    def _nearest_misses(self) -> str:
        return f"The nearest to each limit: {self._nearest}. " if self._nearest.nearest else ""

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
            self._refuse(str(error))
            return None
        reasons = self._reasons_against(proposal)
        if reasons:
            self._refuse(*reasons)
            return None
        return proposal

    def _reasons_against(self, proposal: Proposal) -> list[str]:
        training = proposal.candidate.training
        broken = misses(proposal.architecture, self._space.constraints, training)
        self._nearest.note(broken)
        return [f"{miss.constraint.quantity} outside the limit" for miss in broken]

    def _refuse(self, *reasons: str) -> None:
        self.refused.update(reasons)
        self.refused_draws += 1


def _key(candidate: Candidate) -> str:
    """Tell candidates apart by what is trained: other settings may describe the same network."""
    return repr((candidate.architecture, candidate.training, candidate.augmentation))
