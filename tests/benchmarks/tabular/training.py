"""Trains every candidate of the table's search space once, and appends what it scored."""

from __future__ import annotations

import gc
import sys
import time

import keras
from tests.benchmarks.tabular.table import (
    BATCH_SIZE,
    RUNGS,
    Row,
    append_row,
    key,
    read_table,
    table_space,
)

from cnnsearch.data import Dataset
from cnnsearch.space import Candidate
from cnnsearch.space.enumerating import enumerate_candidates
from cnnsearch.tuning.place import Place
from cnnsearch.tuning.rungs import Pace, RungPlan
from cnnsearch.tuning.start import open_data
from cnnsearch.tuning.worker.devices import set_up_device
from cnnsearch.tuning.worker.hypermodel import CandidateModel
from cnnsearch.tuning.worker.training import Diverged, Training


def train_all() -> None:
    """Train those that the table has not yet, and tell of each on stderr."""
    space = table_space()
    device = set_up_device(Place())
    dataset = open_data(space)
    model = CandidateModel(space, dataset, RungPlan(RUNGS, RUNGS[0], BATCH_SIZE), device)
    known = read_table()
    missing = [each for each in enumerate_candidates(space) if key(each.settings) not in known]
    for number, candidate in enumerate(missing, start=1):
        row = train(candidate, model, dataset)
        append_row(row)
        looks = ", ".join(f"{step}: {value:.3f}" for step, value in row.looks.items())
        print(f"{number} of {len(missing)}, {row.seconds:.1f} s, {looks}", file=sys.stderr)


def train(candidate: Candidate, model: CandidateModel, dataset: Dataset) -> Row:
    """Train one candidate to the last rung and return its row."""
    started = time.process_time()
    architecture = model.architecture(candidate)
    batch_size = candidate.training.batch_size
    training = Training(
        model.for_search(candidate, batch_size),
        candidate,
        dataset,
        batch_size=batch_size,
        step=0,
        pace=Pace(RUNGS[0], RUNGS[0]),
        seed=0,
    )
    state, looks = "complete", dict[int, float]()
    try:
        for rung in RUNGS:
            training.fit(rung, on_batch=lambda logs: True, on_unit=lambda logs: True)
            with training.averaged():
                scores = training.evaluate(dataset.x_validation, dataset.y_validation)
            looks[rung] = scores["accuracy"]
    except Diverged:
        state = "diverged"
    keras.backend.clear_session()
    gc.collect()
    seconds = time.process_time() - started
    return Row(
        candidate.settings, state, looks, architecture.parameters, architecture.macs, seconds
    )
