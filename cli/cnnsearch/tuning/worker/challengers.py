"""New trials, to race against the best one: strangers to it, or heirs of its weights."""

from __future__ import annotations

from cnnsearch.architecture.memory import traffic
from cnnsearch.records.earlier import read_earlier_trials
from cnnsearch.records.trial import TrialRecord
from cnnsearch.tuning.inheriting import heir_is_due
from cnnsearch.tuning.proposals import FEW, SOON_TOO_SLOW, Proposal, Proposals
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

        Where the time is too short for most that begin anew, it is an heir all the same.
        """
        best = self._run.study.best()
        if best is None:
            return self._stranger(history)
        begun = self._adopting(best, history)
        if begun is None and not heir_is_due(best, history, self._run.plan):
            largest_of = FEW if self._race.has_ample_time(best) else 1
            begun = self._stranger(history, most_too_slow=SOON_TOO_SLOW, largest_of=largest_of)
        return begun or self._heir(best, history) or self._stranger(history)

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
        stranger = self._race.promising_stranger(best, history)
        if stranger is None or not self._may_inherit(stranger):
            return None
        proposal = self.proposals.next_adopting(history, stranger, best)
        return None if proposal is None else self._record(proposal, parent=stranger)

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
