"""Asynchronous successive halving over training steps (Li et al. 2018, arXiv:1810.05934).

The stopping form: a trial that is good enough at a rung goes on at once, and nothing is put aside
or loaded again.

A step of the plan is one of the first guess's batch size. A trial with batches twice as large makes
half as many training steps between two looks, so that all are compared after as many images: after
as many steps, the larger batch would have had twice the work. Units are whole training steps, so
where a unit is short and a batch many times as large, that is rounded.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cnnsearch.records.dominance import Point, crowding_distances, front_ranks

FACTOR = (
    3  # each rung is so many times the one before; one trial in so many goes on (eta of the paper)
)
FIRST_RUNG_STEPS = 60  # fewer steps say little: warm-up is hardly over
USUAL_EPOCHS = 9  # of a full training, where the search space does not say
USUAL_STEPS = 600  # and at least so many: a few hundred images are passed over more often
MORE_RUNGS = 5  # of a plan without end: 243 times the usual training
UNIT_STEPS = 40  # at most so many steps between two chances to save, show and stop
LOOKS_BETWEEN = 5  # two rungs, at most: each 1.2 times as far as the one before
LOOKING_SHARE = 0.05  # of the training that looks between rungs may take


@dataclass(frozen=True)
class Pace:
    """How the training steps of one trial count in the plan.

    Args:
        unit: Training steps of the trial that count as much as `plan_unit` steps of the plan.
        plan_unit: See there.
    """

    unit: int
    plan_unit: int

    @property
    def share(self) -> float:
        """How many training steps of the trial count as one of the plan."""
        return self.unit / self.plan_unit

    def counted(self, steps: int) -> int:
        """Return as how many steps of the plan so many training steps of the trial count.

        One at least, so that what has been trained is told from what has not.
        """
        return max(steps * self.plan_unit // self.unit, min(steps, 1))

    def steps(self, counted: int) -> int:
        """Return the training steps of the trial that count as so many of the plan, rounded up."""
        return -(-counted * self.unit // self.plan_unit)


@dataclass(frozen=True)
class RungPlan:
    """Where trials are looked at, in steps; all are multiples of `unit`.

    At a rung a trial is compared with the others. Between two it is scored only, so that the best
    trial's best state is known, and not only where it stood at the end of a long stretch.

    Args:
        rungs: Steps at which trials are compared.
        unit: At most so many steps between two chances to save, show and stop.
        batch_size: Images of a step.
        between: Steps at which trials are scored besides.
        open_ended: The top is only a bound: something else ends each training before it.
    """

    rungs: tuple[int, ...]
    unit: int
    batch_size: int
    between: tuple[int, ...] = ()
    open_ended: bool = False

    @property
    def first(self) -> int:
        return self.rungs[0]

    @property
    def top(self) -> int:
        return self.rungs[-1]

    @property
    def full_training(self) -> int | None:
        """Return the steps after which a training is complete; None where nothing says so."""
        return None if self.open_ended else self.top

    def pace(self, batch_size: int) -> Pace:
        """Return how steps with batches of `batch_size` images count."""
        return Pace(max(1, round(self.unit * self.batch_size / batch_size)), self.unit)

    def next_look(self, step: int) -> int:
        """Return the first look after `step`, or the top."""
        return min((look for look in (*self.rungs, *self.between) if look > step), default=self.top)

    def looks_at(self, step: int) -> bool:
        """Tell whether a trial is scored after `step` steps."""
        return step in self.rungs or step in self.between


def usual_steps(images: int, batch_size: int) -> int:
    """Return the steps of a full training on so many images, where the search space names none."""
    return max(USUAL_EPOCHS * _steps_per_epoch(images, batch_size), USUAL_STEPS)


def _steps_per_epoch(images: int, batch_size: int) -> int:
    return max(1, images // batch_size)


def plan_rungs(
    epochs: int | None,
    *,
    images: int,
    batch_size: int,
    open_ended: bool = False,
    look_steps: float | None = None,
) -> RungPlan:
    """Return rungs that end at about `epochs` epochs; None leaves their number to the data's size.

    The first lies at `FIRST_RUNG_STEPS` steps or more, where the training is so long.

    Args:
        epochs: Of a full training.
        images: In the training split.
        batch_size: Images of a step: the first guess's.
        open_ended: A plan without `epochs` goes on: the time decides how far the best trial comes.
        look_steps: Steps that take as long as one look; None: no looks between the rungs.
    """
    if epochs is None:
        steps = usual_steps(images, batch_size)
    else:
        steps = max(1, epochs * _steps_per_epoch(images, batch_size))
    count = 1
    while steps >= FIRST_RUNG_STEPS * FACTOR**count:
        count += 1
    first = max(1, round(steps / FACTOR ** (count - 1)))
    parts = -(-first // UNIT_STEPS)
    unit = -(-first // parts)
    open_ended = open_ended and epochs is None
    count += MORE_RUNGS if open_ended else 0
    rungs = tuple(unit * parts * FACTOR**rung for rung in range(count))
    between = () if look_steps is None else _between(rungs, unit, look_steps)
    return RungPlan(rungs, unit, batch_size, between, open_ended)


def _between(rungs: Sequence[int], unit: int, look_steps: float) -> tuple[int, ...]:
    """Return looks between the rungs, in equal ratios: as many as the training pays for."""
    looks: list[int] = []
    for low in rungs[:-1]:
        parts = LOOKS_BETWEEN + 1
        while parts > 1 and low * (FACTOR ** (1 / parts) - 1) < look_steps / LOOKING_SHARE:
            parts -= 1
        steps = (low * FACTOR ** (part / parts) for part in range(1, parts))
        looks += (unit * round(step / unit) for step in steps)
    return tuple(sorted(set(looks) - set(rungs)))


def goes_on(as_good: int, others: int) -> bool:
    """Tell whether a trial goes on past a rung where `others` were scored, so many as well as it.

    The best one in `FACTOR` goes on; the first to come always does, so that a trained model
    exists early.
    """
    return as_good < max(1, (others + 1) // FACTOR)


def goes_on_among(point: Point, others: Sequence[Point]) -> bool:
    """Tell the same of a trial with several objectives, of which less is better.

    Trials are ordered by their fronts, and within a front those with few neighbours come first, the
    ends of the front before all (as in NSGA-II; Schmucker et al. 2021, arXiv:2106.12639). So a
    network that is small or quick is not stopped because a larger one scores a little more.
    """
    points = [*others, point]
    ranks = front_ranks(points)
    front = [index for index, rank in enumerate(ranks) if rank == ranks[-1]]
    lonely = crowding_distances([points[index] for index in front])
    better = sum(rank < ranks[-1] for rank in ranks) + sum(each > lonely[-1] for each in lonely)
    return better < max(1, len(points) // FACTOR)
