"""How long a candidate's network takes to answer, measured on this device before it is trained.

What is timed is what is exported: the network in float32, its images on their way in and its
probabilities on their way out. Other processes on the machine are in the figure; the median of many
repeats, and their spread beside it, tell how much.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from cnnsearch.architecture.limits import measured_misses
from cnnsearch.exporting.saved_model import endpoint
from cnnsearch.records.trial import TrialRecord
from cnnsearch.space import LATENCIES
from cnnsearch.tuning.worker.hypermodel import CandidateModel
from cnnsearch.tuning.worker.run import Run

WARM_UP_S = 0.15  # after the first call, which traces: caches, thread pools and clock rates settle
REPEATING_S = 0.5  # for each batch size
MOST_REPEATS = 200
Measured = dict[str, float]  # median_ms, low_ms and high_ms (the quartiles), repeats


class OverLimit(Exception):
    """The network is slower, or faster, than the search space allows."""


def keep_to_latency_limits(run: Run, record: TrialRecord, hypermodel: CandidateModel) -> None:
    """Measure the latencies that the space asks for, once in a trial's life, and record them.

    Raises:
        OverLimit: One of them breaks a limit.
    """
    if not run.space.measured:
        return
    measured = record.measured or _measure(run, record, hypermodel)
    medians = _medians(measured)
    broken = measured_misses(medians, run.space.constraints)
    if broken:
        raise OverLimit("; ".join(map(str, broken)))


def time_calls(
    call: Callable[[], object], clock: Callable[[], float] = time.perf_counter
) -> Measured:
    """Return the median of what `call` takes, in ms, with the quartiles and how often it was timed.

    Args:
        call: Returns when the answer is there.
        clock: Seconds that only grow.
    """
    call()
    _repeat(call, clock, WARM_UP_S)
    times_ms = [1_000 * seconds for seconds in _repeat(call, clock, REPEATING_S)]
    quartiles = times_ms * 3  # of a single one
    if len(times_ms) > 1:
        quartiles = statistics.quantiles(times_ms, n=4, method="inclusive")
    low, median, high = (round(each, 4) for each in quartiles)
    return {"median_ms": median, "low_ms": low, "high_ms": high, "repeats": len(times_ms)}


def _repeat(call: Callable[[], object], clock: Callable[[], float], limit_s: float) -> list[float]:
    """Return the seconds of each call, of which there is one at least."""
    times: list[float] = []
    while len(times) < MOST_REPEATS and sum(times) < limit_s:
        before = clock()
        call()
        times.append(clock() - before)
    return times


def _measure(run: Run, record: TrialRecord, hypermodel: CandidateModel) -> dict[str, Measured]:
    model = hypermodel.as_served(hypermodel.candidate(record.settings))
    measured = {name: time_calls(_answering(model, LATENCIES[name])) for name in run.space.measured}
    run.study.note(record.number, measured=measured)
    run.channel.send("measured", trial=record.number, latencies=_medians(measured))
    return measured


def _medians(measured: Mapping[str, Mapping[str, float]]) -> dict[str, float]:
    return {name: found["median_ms"] for name, found in measured.items()}


def _answering(model: keras.Model, batch_size: int) -> Callable[[], NDArray[np.float32]]:
    """Return the call that serves a batch of random images and waits for the probabilities."""
    function, signature = endpoint(model)
    serve = tf.function(function, input_signature=signature, autograph=False)
    shape = (batch_size, *model.input_shape[1:])
    images = np.random.default_rng(0).integers(0, 256, shape, np.uint8)

    def answer() -> NDArray[np.float32]:
        probabilities: NDArray[np.float32] = serve(tf.constant(images))["probabilities"].numpy()
        return probabilities

    return answer
