"""One competitor in a process of its own: `python -m tests.benchmarks.competitors NAME CONTEST`."""

from __future__ import annotations

import sys
from contextlib import suppress
from importlib import import_module

from tests.benchmarks.competitors.contest import Contest, write_outcome

SEARCHES = {
    "optuna": ("optuna_loop", "search"),
    "keras-tuner-hyperband": ("keras_tuner_search", "hyperband"),
    "keras-tuner-random": ("keras_tuner_search", "random_search"),
    "autokeras": ("autokeras_search", "search"),
}  # a competitor's module and function, loaded when its clock runs


def main() -> None:
    """Search until the time is up, then read the test images for the best network."""
    name, contest = sys.argv[1], Contest.from_json(sys.argv[2])
    dataset = contest.open_dataset()

    import keras
    from tests.benchmarks.competitors.watch import SearchIsOver, Watch

    keras.utils.set_random_seed(contest.seed)
    watch = Watch(contest)
    module, function = SEARCHES[name]
    with suppress(SearchIsOver):
        getattr(import_module(f"{__package__}.{module}"), function)(contest, dataset, watch)
    write_outcome(contest, watch.outcome(dataset))


if __name__ == "__main__":
    main()
