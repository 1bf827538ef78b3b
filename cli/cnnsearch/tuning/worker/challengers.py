"""New trials, to race against the best one: strangers to it, or heirs of its weights."""

from __future__ import annotations

from cnnsearch.architecture.memory import traffic
from cnnsearch.records.earlier import read_earlier_trials
from cnnsearch.records.trial import TrialRecord
from cnnsearch.tuning.inheriting import heir_is_due, is_far
from cnnsearch.tuning.proposals import FEW, MOST_TOO_SLOW, SOON_TOO_SLOW, Proposal, Proposals
from cnnsearch.tuning.worker.checkpoint import BEST
from cnnsearch.tuning.worker.race import Race
from cnnsearch.tuning.worker.run import Run


class Challengers:
    """Begins the new trials of a run."""

    def __init__(self, run: Run, race: Race) -> None:
        self._run = run
        self._race = race
        self.proposals = Proposals(
            run.space,
            run.dataset.shape,
            len(run.dataset.classes),
            too_slow=race.is_too_slow,
            earlier=read_earlier_trials(run.folder),
        )

    def begin(self, history: list[TrialRecord]) -> TrialRecord | None:
        """Begin a trial: with the weights of another where that is due, or else anew.

        Where the time is too short for most that would begin anew, it is an heir all the same.
        """
        best = self._run.study.best()
        if best is None:
            return self._stranger(history)
        if (adopting := self._adopting(best, history)) is not None:
            return adopting
        is_tried = not heir_is_due(best, history, self._run.plan)
        if is_tried and (stranger := self._stranger(history, **self._limits(best))) is not None:
            return stranger
        heir = self._heir(best, history)
        if heir is not None or (is_tried and not self.proposals.time_is_short):
            return heir
        return self._stranger(history)

    def _limits(self, best: TrialRecord) -> dict[str, int]:
        """Return how a stranger is sought where an heir of the best trial would do as well."""
        return {
            "most_too_slow": SOON_TOO_SLOW if is_far(best, self._run.plan) else MOST_TOO_SLOW,
            "largest_of": FEW if self._race.has_ample_time(best) else 1,
        }

    def _stranger(self, history: list[TrialRecord], **limits: int) -> TrialRecord | None:
        refused = self.proposals.refused_draws
        proposal = self.proposals.next(history, **limits)
        if self.proposals.refused_draws > refused:
            self._run.channel.send(
                "infeasible",
                count=self.proposals.refused_draws,
                reasons=dict(self.proposals.refused),
            )
        return None if proposal is None else self._record(proposal)

    def _heir(self, best: TrialRecord, history: list[TrialRecord]) -> TrialRecord | None:
        """Begin a trial with the best one's weights, where the time is limited, and enough."""
        if not self._may_inherit(best):
            return None
        proposal = self.proposals.next_heir(history, best)
        return None if proposal is None else self._record(proposal, parent=best)

    def _adopting(self, best: TrialRecord, history: list[TrialRecord]) -> TrialRecord | None:
        """Begin a trial with the weights of a stranger, and the best one's regularisation."""
        for stranger in self._race.promising_strangers(best, history):
            if self._may_inherit(stranger):
                proposal = self.proposals.next_adopting(history, stranger, best)
                if proposal is not None:
                    return self._record(proposal, parent=stranger)
        return None

    def _may_inherit(self, parent: TrialRecord) -> bool:
        is_saved = (self._run.folder.trial(parent.number) / BEST).exists()
        by_time = self._run.budget.ends_by_time
        return is_saved and by_time and self._race.leaves_time_for_an_heir(parent)

    def _record(self, proposal: Proposal, parent: TrialRecord | None = None) -> TrialRecord:
        architecture = proposal.architecture
        return self._run.study.add_trial(
            proposal.candidate.settings,
            proposal.candidate.choices,
            parameters=architecture.parameters,
            macs=architecture.macs,
            traffic=traffic(architecture),
            worker=self._run.worker,
            parent=None if parent is None else parent.number,
            batch_size=None if parent is None else parent.batch_size,
        )
