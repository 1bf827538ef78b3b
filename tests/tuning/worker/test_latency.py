"""A network is timed once, as it will be served, and not trained where a limit is broken."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pytest
from tests.tuning.worker.conftest import MakeWorld, World

from cnnsearch.records.study import open_study
from cnnsearch.space import draw, first_guess
from cnnsearch.tuning.worker import latency
from cnnsearch.tuning.worker.latency import MOST_REPEATS, REPEATING_S, time_calls

Pretend = Callable[..., list[int]]
TIMED = """
    architecture: {stages: {count: 1, width: {min: 2, max: 13}}}
    objectives: {val_accuracy: max, latency: min}
    constraints: {latency: "<= 5ms", latency_batch64: "<= 50ms"}
"""


class Stopwatch:
    """A clock that only a call moves on, each time by the next of `seconds`, then by the last."""

    def __init__(self, *seconds: float) -> None:
        self.now = 0.0
        self.calls = 0
        self._seconds = seconds

    def call(self) -> None:
        self.now += self._seconds[min(self.calls, len(self._seconds) - 1)]
        self.calls += 1

    def __call__(self) -> float:
        return self.now


def timed(watch: Stopwatch) -> dict[str, float]:
    return time_calls(watch.call, watch)


def test_the_first_call_and_the_warm_up_are_not_in_the_figure() -> None:
    slow_calls = (8.0, 1.0)

    assert timed(Stopwatch(*slow_calls, 0.0625)) == {
        "median_ms": 62.5,
        "low_ms": 62.5,
        "high_ms": 62.5,
        "repeats": REPEATING_S / 0.0625,
    }


def test_the_median_and_the_quartiles_are_those_of_the_repeats() -> None:
    found = timed(Stopwatch(8.0, 1.0, 0.0625, 0.25, 0.1875))

    assert found == {"median_ms": 187.5, "low_ms": 125.0, "high_ms": 218.75, "repeats": 3}


def test_a_quick_network_is_timed_so_often_and_no_more() -> None:
    watch = Stopwatch(0.0)

    assert timed(watch)["repeats"] == MOST_REPEATS
    assert watch.calls == 1 + 2 * MOST_REPEATS


def test_a_slow_network_is_timed_once() -> None:
    watch = Stopwatch(7.0)

    assert timed(watch) == {"median_ms": 7_000, "low_ms": 7_000, "high_ms": 7_000, "repeats": 1}
    assert watch.calls == 3


@pytest.fixture
def pretend_times(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[int]]:
    """Return a function that lets the next measured times be these, in ms.

    What it returns fills up with the number of images that each was measured with.
    """

    def pretend(*times_ms: float) -> list[int]:
        remaining: Iterator[float] = iter(times_ms)
        batches: list[int] = []

        def time_pretended(call: Callable[[], np.ndarray]) -> dict[str, float]:
            batches.append(len(call()))
            median = next(remaining)
            return {"median_ms": median, "low_ms": median, "high_ms": median, "repeats": 1}

        monkeypatch.setattr(latency, "time_calls", time_pretended)
        return batches

    return pretend


def test_what_was_asked_for_is_measured_recorded_and_told(
    make_world: MakeWorld, pretend_training: Pretend, pretend_times: Callable[..., list[int]]
) -> None:
    world = make_world(TIMED)
    pretend_training([0.5, 0.75])
    batches = pretend_times(2.5, 40.0)

    outcome = world.trial_training(world.begin()).run()

    (record,) = open_study(world.folder.journal).trials()
    assert batches == [1, 64]
    assert outcome.state == "complete"
    assert (record.costs["latency"], record.costs["latency_batch64"]) == (2.5, 40.0)
    assert record.values == (0.75, 2.5)
    assert world.channel.told("measured") == [
        {"event": "measured", "trial": 0, "latencies": {"latency": 2.5, "latency_batch64": 40.0}}
    ]


def test_a_network_over_a_limit_is_not_trained_and_has_not_failed(
    make_world: MakeWorld, pretend_training: Pretend, pretend_times: Callable[..., list[int]]
) -> None:
    world = make_world(TIMED)
    begun = pretend_training()
    pretend_times(7.25, 51.0)

    outcome = world.trial_training(world.begin()).run()

    assert (outcome.state, begun) == ("over_limit", [])
    assert outcome.message == "latency 7.25 ms > 5 ms; latency_batch64 51 ms > 50 ms"


def test_a_trial_that_is_taken_up_again_is_not_measured_again(
    make_world: MakeWorld, pretend_training: Pretend, pretend_times: Callable[..., list[int]]
) -> None:
    world = make_world(TIMED)
    pretend_training([0.5, 0.75])
    record = world.begin()
    known = {"median_ms": 3.0, "low_ms": 2.0, "high_ms": 4.0, "repeats": 9}
    world.study.note(record.number, measured={"latency": known, "latency_batch64": known})
    batches = pretend_times()

    world.trial_training(world.study.trials()[0]).run()

    assert batches == []
    assert world.study.trials()[0].values == (0.75, 3.0)


def test_where_no_latency_is_asked_for_none_is_measured(
    world: World, pretend_training: Pretend, pretend_times: Callable[..., list[int]]
) -> None:
    pretend_training([0.5, 0.75])
    batches = pretend_times()

    world.trial_training(world.begin()).run()

    assert batches == []
    assert world.channel.told("measured") == []


def test_a_network_is_served_for_the_measure_as_it_is_exported(make_world: MakeWorld) -> None:
    world = make_world(TIMED)
    model = world.hypermodel.as_served(draw(world.space, first_guess))

    probabilities = latency._answering(model, 5)()

    assert probabilities.shape == (5, 3)
    assert np.allclose(probabilities.sum(-1), 1, atol=1e-5)
    assert {variable.dtype for variable in model.trainable_variables} == {"float32"}
