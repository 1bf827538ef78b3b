"""A search may begin with the trials of another run, as far as they can tell it something."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from random import Random

import numpy as np
import pytest

from cnnsearch.errors import RunError
from cnnsearch.records.earlier import read_earlier_trials
from cnnsearch.records.folder import RunFolder
from cnnsearch.records.study import open_study
from cnnsearch.records.trial import State
from cnnsearch.space import Value, draw, first_guess, load_space, random_chooser, replay
from cnnsearch.tuning.proposals import Proposals
from cnnsearch.tuning.samplers.fitness import fitness
from cnnsearch.tuning.start import start_run

Start = Callable[..., RunFolder]
RATE, WIDTH = "training.learning_rate", "architecture.stages.width"


@pytest.fixture
def start(tiny_space: Path, monkeypatch: pytest.MonkeyPatch) -> Start:
    """Return a function that starts a run over the tiny space, with overrides."""
    monkeypatch.chdir(tiny_space.parent)

    def start(
        *overrides: str, begin_with: RunFolder | None = None, name: str | None = None
    ) -> RunFolder:
        space = load_space("tiny.yaml", overrides)
        return start_run(space, Path("runs"), name, begin_with=begin_with)

    return start


def add(
    folder: RunFolder,
    looks: Mapping[int, float],
    state: State = "pruned",
    **changes: Value,
) -> dict[str, Value]:
    """Add a trial with some settings of its own, and return all of them."""
    space = load_space(folder.space_file)
    wanted = {WIDTH: changes.get("width", 4), RATE: changes.get("rate", 1e-2)}
    candidate = draw(space, replay(wanted, otherwise=first_guess))
    study = open_study(folder.journal)
    record = study.add_trial(candidate.settings, candidate.choices, parameters=1, macs=2)
    for step, value in looks.items():
        study.report(record.number, step, value)
    study.end_trial(record.number, state, seconds={})
    return dict(candidate.settings)


def warnings(folder: RunFolder) -> list[str]:
    found: list[str] = folder.read_facts()["began_with"]["warnings"]
    return found


def test_trials_of_the_same_space_and_data_are_taken_as_they_are(start: Start) -> None:
    before = start()
    scored = add(before, {60: 0.5, 180: 0.7}, width=8)
    failed = add(before, {}, "diverged", rate=9e-2)
    add(before, {}, "stopped")

    folder = start(begin_with=before)

    one, other = read_earlier_trials(folder)
    assert (one.settings, one.looks, one.state) == (scored, {60: 0.5, 180: 0.7}, "pruned")
    assert (other.settings, other.looks, other.state) == (failed, {}, "diverged")
    earlier = {"run": "tiny-1", "folder": "runs/tiny-1", "trials": 2, "warnings": []}
    assert folder.read_facts()["began_with"] == earlier
    assert open_study(folder.journal).trials() == []


def test_the_other_run_is_not_needed_afterwards(start: Start) -> None:
    before = start()
    add(before, {60: 0.5})
    folder = start(begin_with=before)
    before.path.rename(before.path.with_name("gone"))

    assert len(read_earlier_trials(folder)) == 1


def test_what_the_new_space_does_not_know_is_left_out_and_counted(start: Start) -> None:
    before = start()
    add(before, {60: 0.5}, width=8, rate=2e-2)
    add(before, {60: 0.6}, width=4, rate=5e-2)

    folder = start(
        "architecture.stages.width=4", "training.learning_rate.max=4e-2", begin_with=before
    )

    one, other = read_earlier_trials(folder)
    assert WIDTH not in one.settings
    assert (one.settings[RATE], other.settings[RATE]) == (2e-2, 1e-2)  # the first guess
    few = "2 of 2 trials of tiny-1 had settings that do not fit this space"
    assert warnings(folder) == [f"{few}; these were left out: {WIDTH}, {RATE}"]


def test_a_setting_fixed_to_what_it_was_fits(start: Start) -> None:
    before = start()
    add(before, {60: 0.5}, width=8)

    folder = start("architecture.stages.width=8", begin_with=before)

    assert warnings(folder) == []


def test_a_setting_that_was_fixed_before_has_the_value_it_was_fixed_to(start: Start) -> None:
    before = start("architecture.stages.width=8")
    add(before, {60: 0.5})

    (trial,) = read_earlier_trials(start(begin_with=before))

    assert trial.settings[WIDTH] == 8


@pytest.mark.parametrize(
    ("override", "reason"),
    [
        ("data.source=other.npz", "on other data (tiny)"),
        ("objectives={val_loss: min}", "by other objectives (val_accuracy)"),
    ],
)
def test_where_scores_cannot_be_compared_only_their_order_counts(
    start: Start, override: str, reason: str
) -> None:
    content = dict(np.load("tiny.npz"))
    np.savez("other.npz", **{**content, "x_train": content["x_train"] // 2})
    before = start()
    for rate, looks in ((1e-2, {60: 0.9}), (2e-2, {60: 0.7, 180: 0.8}), (3e-2, {60: 0.1})):
        add(before, looks, rate=rate)
    add(before, {60: 0.99}, "diverged", rate=4e-2)

    folder = start(override, begin_with=before)

    assert warnings(folder) == [f"tiny-1 was scored {reason}: only the order of its trials counts"]
    *scored, failed = read_earlier_trials(folder)
    assert failed.failed
    assert all(trial.steps == 1 for trial in scored)
    ranked = sorted(scored, key=fitness(load_space(folder.space_file)), reverse=True)
    assert [trial.settings[RATE] for trial in ranked] == [2e-2, 1e-2, 3e-2]


def test_a_run_without_scores_is_refused(start: Start) -> None:
    before = start()
    add(before, {60: 0.5}, "diverged")

    with pytest.raises(RunError, match="the run tiny-1 has no scored trial to begin with"):
        start(begin_with=before)


def test_a_run_of_which_nothing_fits_is_refused_and_leaves_no_folder(start: Start) -> None:
    before = start()
    space = load_space(before.space_file)
    overrides = [f"{leaf.path}={_other(leaf.path)}" for leaf in space.free]
    add(before, {60: 0.5}, rate=2e-2)

    with pytest.raises(RunError, match="no trial of the run tiny-1 has a setting of this"):
        start(*overrides, "training.label_smoothing={values: [0, 0.1]}", begin_with=before)
    assert [path.name for path in Path("runs").iterdir()] == ["tiny-1"]


def _other(path: str) -> str:
    """Return a value that no candidate of the tiny space has."""
    fixed = {"count": 3, "block": "separable", "width": 12, "kernel_size": 7, "pooling": "average"}
    return str(fixed.get(path.rpartition(".")[2], "0.5"))


def test_a_run_does_not_begin_with_itself(start: Start) -> None:
    before = start()
    add(before, {60: 0.5})

    with pytest.raises(RunError, match="cannot begin with its own trials: choose another --name"):
        start(begin_with=before, name="tiny-1")


def test_the_best_before_is_tried_again_first_and_the_rest_is_only_learned_from(
    start: Start,
) -> None:
    before = start()
    rng = Random(0)
    space = load_space(before.space_file)
    guess = dict(draw(space, first_guess).settings)
    add(before, {60: 0.2})
    best = add(before, {60: 0.9}, width=8, rate=2e-2)
    for _ in range(20):
        drawn = draw(space, random_chooser(rng)).settings
        add(before, {60: 0.5}, width=drawn[WIDTH], rate=drawn[RATE])
    folder = start(begin_with=before)
    earlier = read_earlier_trials(folder)

    first = Proposals(space, (12, 12, 1), 3, earlier=earlier).next([])

    assert first is not None
    assert earlier[0].settings == guess  # it was tried there, so it is not what a run begins with
    assert first.candidate.settings == best


def test_a_first_guess_that_was_not_tried_before_comes_first(start: Start) -> None:
    before = start()
    best = add(before, {60: 0.9}, width=8, rate=2e-2)
    space = load_space(before.space_file)
    proposals = Proposals(
        space, (12, 12, 1), 3, earlier=read_earlier_trials(start(begin_with=before))
    )

    guess = proposals.next([])
    assert guess is not None
    study = open_study(before.journal)
    record = study.add_trial(
        guess.candidate.settings, guess.candidate.choices, parameters=1, macs=1
    )
    then = proposals.next([record])

    assert guess.candidate == draw(space, first_guess)
    assert then is not None
    assert then.candidate.settings == best
