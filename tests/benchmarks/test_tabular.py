"""The table holds every candidate of its space, as our own code trains it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from tests.benchmarks.sampler_regret import CLASSES, FULL, SHAPE, search
from tests.benchmarks.tabular.table import (
    BATCH_SIZE,
    RUNGS,
    Row,
    append_row,
    key,
    read_table,
    table_space,
)

from cnnsearch.architecture import describe
from cnnsearch.space.enumerating import enumerate_candidates

Table = dict[str, Row]


@pytest.fixture(scope="module")
def table() -> Table:
    return read_table()


def test_every_candidate_has_its_row_and_costs(table: Table) -> None:
    candidates = {key(each.settings): each for each in enumerate_candidates(table_space())}

    assert candidates.keys() == table.keys()
    assert len(candidates) >= 240
    for settings, row in table.items():
        architecture = describe(candidates[settings].architecture, SHAPE, CLASSES)
        assert (row.parameters, row.macs) == (architecture.parameters, architecture.macs)
        assert row.state == "diverged" or tuple(row.looks) == RUNGS


def test_a_row_is_read_as_it_was_written(table: Table, tmp_path: Path) -> None:
    file = tmp_path / "table.csv"
    first, second, *_ = table.values()

    append_row(first, file)
    append_row(Row(second.settings, "diverged", {60: 0.1}, 1, 2, 3.0), file)

    one, other = read_table(file).values()
    assert one == first
    assert (other.settings, other.state, other.looks) == (second.settings, "diverged", {60: 0.1})


def made_up(table: Table, scores: Callable[[int], float]) -> Table:
    """Return a table in which a candidate's score follows from its place, the first guess first."""
    return {
        settings: Row(row.settings, "complete", dict.fromkeys(RUNGS, scores(place)), 1, 1, 1.0)
        for place, (settings, row) in enumerate(table.items())
    }


def test_regret_is_what_the_best_has_more_than_the_chosen(table: Table) -> None:
    falling = made_up(table, lambda place: 1 - place / 1_000)
    rising = made_up(table, lambda place: place / 1_000)

    assert [moment.regret for moment in search(falling, "grid", "none", 1, 3)] == [0, 0, 0]
    regrets = [moment.regret for moment in search(rising, "grid", "none", 1, 3)]
    assert regrets == pytest.approx([0.287, 0.286, 0.285])


def test_pruned_trials_cost_only_the_steps_they_were_trained(table: Table) -> None:
    falling = made_up(table, lambda place: 1 - place / 1_000)

    steps = [moment.steps for moment in search(falling, "grid", "asha", 1, 2)]

    assert steps == list(range(FULL, 2 * FULL + 1, RUNGS[0]))  # all but the first are pruned


@pytest.mark.slow
def test_a_candidate_is_trained_to_the_last_rung(table: Table) -> None:
    from tests.benchmarks.tabular.training import train

    from cnnsearch.tuning.rungs import RungPlan
    from cnnsearch.tuning.start import open_data
    from cnnsearch.tuning.worker.devices import Device
    from cnnsearch.tuning.worker.hypermodel import CandidateModel

    space = table_space()
    dataset = open_data(space)
    device = Device("CPU", jit_compile=False, dtype_policy="float32")
    model = CandidateModel(space, dataset, RungPlan(RUNGS, RUNGS[0], BATCH_SIZE), device)

    row = train(next(enumerate_candidates(space)), model, dataset)

    assert tuple(row.looks) == RUNGS
    assert row.looks[FULL] > 0.3
