"""What finishing the winner takes, learned from what its trial took."""

from __future__ import annotations

from dataclasses import dataclass

from cnnsearch.tuning.rungs import USUAL_STEPS

MARGIN = 1.2  # times what was measured: other work on the machine comes and goes
WRITING_S = 2.0  # writing a small model as SavedModel and .keras, and ending the worker
LEAST_STEP_S = 1e-5  # less was not measured right
LATER_BUILDS = 1  # restored, made to serve, traced to test and to export, loaded to prove;
# without gradients: all of it costs about as much as one first training step (measured)
# A decay over a tenth to a fifth of the steps does what a schedule over all of them would (Hägele
# et al. 2024, arXiv:2405.18392, section 4). The shorter: the search has more use for the time.
ANNEALED_SHARE = 0.1


@dataclass(frozen=True)
class Costs:
    """What one network took in its trial, in seconds."""

    build_s: float  # making and compiling it, and its first training step, which is traced
    step_s: float  # one more step of the plan
    evaluate_s: float  # one pass over the validation split


@dataclass(frozen=True)
class Needs:
    """What the end of a run takes, in seconds."""

    before_s: float  # a look where the winner stands; if it is annealed, building it for that
    longest_s: float  # the annealing at most
    after_s: float  # the last look, the test, the export and its proof

    @property
    def anneals(self) -> bool:
        """Tell whether the winner is trained on at all."""
        return self.longest_s > 0


def annealing_steps(trained: int, *, most: int, usual: int | None = None) -> int:
    """Return how many steps a network is annealed that was trained for `trained` steps.

    Where a training was short, much of what it lacks is steps: it is annealed as long as is usual
    of the shortest. One longer than `usual` is not: at a lower rate it learns its images by heart,
    and the average of its weights, which was scored, is better (tests/benchmarks/README.md).

    Args:
        trained: Steps up to the best look.
        most: Steps of the longest annealing.
        usual: Steps of a full training; None: the search space says it, and no training is longer.
    """
    if usual is not None and trained >= usual:
        return 0
    return min(most, max(USUAL_STEPS, round(ANNEALED_SHARE * trained)))


def learned_needs(
    costs: Costs, *, steps: int, tests: float, import_s: float, formats_s: float = 0.0
) -> Needs:
    """Return what finishing a network takes.

    Args:
        costs: What it took in its trial.
        steps: Steps of the plan in the longest annealing; 0: there is none.
        tests: Size of the test split, in validation splits.
        formats_s: What writing and proving further formats takes.
        import_s: What loading the libraries took; the proof's own process loads them again.
    """
    after_s = (
        import_s
        + WRITING_S
        + formats_s
        + LATER_BUILDS * costs.build_s
        + (1 + tests) * costs.evaluate_s
    )
    return Needs(
        before_s=MARGIN * (costs.evaluate_s + (costs.build_s if steps else 0.0)),
        longest_s=MARGIN * steps * max(LEAST_STEP_S, costs.step_s),
        after_s=MARGIN * after_s,
    )
