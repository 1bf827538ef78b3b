"""How many workers search side by side where the user does not say.

On a CPU a small network trains little faster on two threads than on one, so two workers of one
thread each train more images than one of two (tests/benchmarks/two_workers.py tells how many). The
best trial then has a worker to itself while its challengers have the others.
"""

from __future__ import annotations

from cnnsearch.machine.memory import free_bytes
from cnnsearch.machine.processors import count_gpus, usable_cores
from cnnsearch.tuning.budget import Budget

MOST_ON_CPU = 4  # each loads the libraries and the data anew
WORKER_BYTES = 1_500_000_000  # of free memory besides; on the default space it holds 0.8 GB
SHORTEST_S = 60.0  # to search; where time is shorter, starting two would take too much of it


def usual_workers(budget: Budget, worker_bytes: int = 0) -> int:
    """Return one worker a GPU, or on a CPU as many as have a core and memory of their own.

    One alone where trials are counted, so that the same seed finds the same candidates.

    Args:
        budget: Of the run.
        worker_bytes: What each worker takes for the images and to train a network.
    """
    if not budget.ends_by_time or budget.search_until_s < SHORTEST_S:
        return 1
    places = count_gpus() or min(usable_cores(), MOST_ON_CPU)
    memory = free_bytes()
    return (
        places if memory is None else max(1, min(places, memory // (WORKER_BYTES + worker_bytes)))
    )
