"""Turns a sampler's ideas into candidates worth training: within limits, new, quick enough."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from random import Random
from typing import Literal

from cnnsearch.architecture import Architecture, InfeasibleError, describe
from cnnsearch.architecture.fault import Fault
from cnnsearch.architecture.impossible import advice_for
from cnnsearch.architecture.limits import NearestMisses, misses
from cnnsearch.errors import NothingFeasibleError
from cnnsearch.records.trial import TrialRecord
from cnnsearch.space import Candidate, SearchSpace, draw, first_guess, random_chooser, replay
from cnnsearch.space.enumerating import enumerate_candidates
from cnnsearch.tuning.inheriting import adopting, by_hope, heirs
from cnnsearch.tuning.samplers import EXHAUSTIVE, IN_ORDER, SAMPLERS
from cnnsearch.tuning.samplers.fitness import fitness, parents

MOST_DRAWS = 2_000  # for one proposal; costs about a second
MOST_ENUMERATED = 20_000  # of a sampler that goes through the whole space
SMALL_SPACE = 1_000  # candidates; where there are no more, all are looked at before giving up
MOST_TOO_SLOW = 100  # draws within the limits; then the time left is not worth more
SOON_TOO_SLOW = 10  # the same, where there is something else to train
FEW = 3  # draws of which the largest network is taken, where there is ample time
TOLD_DIGITS = 9  # that tell a learning rate from another
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
        earlier: Sequence[TrialRecord] = (),
    ) -> None:
        self._space = space
        self._input_shape = input_shape
        self._classes = classes
        self._too_slow = too_slow
        self._earlier = tuple(earlier)  # trials of another run: samplers learn from them
        self._tried: dict[str, list[int]] = {}  # what was trained, and the trials that did
        self._read = 0  # how much of the history is in _tried
        # Draws that were replaced before training, by the reason for it.
        self.impossible: Counter[Fault] = Counter()
        self.outside: Counter[str] = Counter()  # of a limit; one draw may be outside of several
        self.refused_draws = 0
        self.time_is_short = False  # what was drawn last would take longer than is left
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

    def next(
        self,
        history: Sequence[TrialRecord],
        *,
        most_too_slow: int = MOST_TOO_SLOW,
        largest_of: int = 1,
    ) -> Proposal | None:
        """Return the next candidate, or None when no new one within limits and time was found.

        Args:
            history: The trials of the run.
            most_too_slow: Candidates that the time is too short for, before it gives up.
            largest_of: Candidates of which the one with the most MACs is taken; those that a run
                begins with, or goes through in an order, are taken as they come.
        """
        self._take_in(history)
        wanted = largest_of if self._may_choose(history) else 1
        too_slow = 0
        found: list[Proposal] = []
        for candidate in self._ideas(history):
            if _key(candidate) in self._tried:
                continue
            proposal = self._judge(candidate)
            if proposal is None:
                continue
            if self._too_slow(proposal):
                too_slow += 1
            else:
                found.append(proposal)
            if len(found) >= wanted or too_slow >= most_too_slow:
                break
        self.time_is_short = too_slow > 0
        return max(found, key=lambda proposal: proposal.architecture.macs, default=None)

    def next_heir(self, history: Sequence[TrialRecord], best: TrialRecord) -> Proposal | None:
        """Return an untried candidate that can go on from the weights of the best trial.

        One that was trained from its own first weights, and not so far, does not count as tried.
        """
        self._take_in(history)
        untried = [
            heir for heir in heirs(self._space, best) if not self._has_tried(heir, history, best)
        ]
        Random(f"{self._space.search.seed}:{len(history)}").shuffle(untried)
        untried.sort(key=lambda heir: by_hope(heir, best))
        proposals = (self._judge(candidate) for candidate in untried)
        return next((proposal for proposal in proposals if proposal is not None), None)

    def next_adopting(
        self, history: Sequence[TrialRecord], stranger: TrialRecord, best: TrialRecord
    ) -> Proposal | None:
        """Return a trial's candidate under the best one's regularisation, if that is untried."""
        self._take_in(history)
        candidate = adopting(self._space, stranger, best)
        if candidate is None or self._has_tried(candidate, history, stranger):
            return None
        return self._judge(candidate)

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

    def why_none_is_left(self) -> tuple[Literal["time", "space"], str]:
        """Return why there was no next candidate: what ran out, and words for it."""
        if self.time_is_short:
            return "time", "the time left is too short to train another candidate"
        tried = len(self._tried)
        if self._all_candidates is None:
            return "space", f"no new candidate was found any more, after {tried:,} were tried"
        return "space", f"all candidates within the limits were tried, {tried:,} in number"

    def _take_in(self, history: Sequence[TrialRecord]) -> None:
        """Remember what has been tried."""
        for trial in history[self._read :]:
            key = _key(draw(self._space, replay(trial.settings)))
            self._tried.setdefault(key, []).append(trial.number)
        self._read = len(history)

    def _may_choose(self, history: Sequence[TrialRecord]) -> bool:
        """Tell whether a candidate that is passed over now will come again."""
        is_begun = len(history) >= len(self._first_ideas)
        return is_begun and self._space.search.algorithm not in IN_ORDER

    def _has_tried(
        self, heir: Candidate, history: Sequence[TrialRecord], parent: TrialRecord
    ) -> bool:
        """Tell whether a trial has shown what an heir would."""
        return any(
            history[number].parent is not None or history[number].steps >= parent.scored_step
            for number in self._tried.get(_key(heir), ())
        )

    def _advice(self) -> Iterator[str]:
        """Yield what to change: the limits, or what is in the way of most networks."""
        if self.outside:
            yield f"The nearest to each limit: {self._nearest}"
            yield "Loosen `constraints` or widen the space"
        for fault, _ in self.impossible.most_common(1):
            yield f"Where {fault.where} cannot be built: {advice_for(fault)}"

    def _ideas(self, history: Sequence[TrialRecord]) -> Iterator[Candidate]:
        """Yield what to try, the most wanted first; the end means that nothing new was left."""
        yield from self._first_ideas[len(history) :]
        rng = Random(f"{self._space.search.seed}:{len(history)}")
        algorithm = self._space.search.algorithm
        strangers = [trial for trial in (*self._earlier, *history) if trial.parent is None]
        ideas = SAMPLERS[algorithm](self._space, strangers, rng)
        if algorithm in EXHAUSTIVE:
            yield from islice(ideas, MOST_ENUMERATED)
            return
        yield from islice(ideas, _DRAWS_FROM_SAMPLER)
        if self._all_candidates is None:
            yield from (draw(self._space, random_chooser(rng)) for _ in range(MOST_DRAWS))
        else:
            yield from rng.sample(self._all_candidates, len(self._all_candidates))

    @cached_property
    def _first_ideas(self) -> list[Candidate]:
        """Return what a run begins with: the first guess, and the best of an earlier run.

        Its weights are not here, so the best is trained again; a first guess that it has tried is
        not.
        """
        guess = draw(self._space, first_guess)
        best = max(parents(self._earlier), key=fitness(self._space), default=None)
        if best is None:
            return [guess]
        tried = any(trial.settings == guess.settings for trial in self._earlier)
        return [*([] if tried else [guess]), draw(self._space, replay(best.settings))]

    @cached_property
    def _all_candidates(self) -> list[Candidate] | None:
        """Return every candidate of a small space, and None of one that is not."""
        first = list(islice(enumerate_candidates(self._space), SMALL_SPACE + 1))
        endless = any(
            setting.domain.size() is None for each in first for setting in each.choices.values()
        )
        return None if endless or len(first) > SMALL_SPACE else first

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
    """Tell candidates apart by what is trained: other settings may describe the same network.

    There and back by a step that multiplies, a number is what it was but for its last digits.
    """
    training = [
        (name, f"{value:.{TOLD_DIGITS}g}" if isinstance(value, float) else value)
        for name, value in candidate.training
    ]
    return repr((candidate.architecture, training, candidate.augmentation))
