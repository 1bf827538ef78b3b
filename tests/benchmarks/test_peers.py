"""The comparison with peers is fair, counts nothing after the deadline, and loses no result."""

from __future__ import annotations

import csv
import sys
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.benchmarks import peers
from tests.benchmarks.competitors import anytime, cnnsearch_run
from tests.benchmarks.competitors.contest import (
    Contest,
    Moment,
    Outcome,
    add_moment,
    read_curve,
    write_curve,
    write_outcome,
    write_part,
)
from tests.benchmarks.competitors.holding import Competitor, lacks
from tests.benchmarks.competitors.standings import Result, table

from cnnsearch.data import Dataset
from cnnsearch.space import load_space
from cnnsearch.tuning.start import open_data

Pretend = Callable[..., None]


@pytest.fixture
def pretend(monkeypatch: pytest.MonkeyPatch) -> Pretend:
    """Return a function that puts others in the place of the competitors: the code they run."""

    def replace_competitors(**programs: str) -> None:
        pretended = {
            name: Competitor(partial(_python, code), _leave_what_it_found)
            for name, code in programs.items()
        }
        monkeypatch.setattr(peers, "COMPETITORS", pretended)

    return replace_competitors


def _python(code: str, contest: Contest) -> list[str]:
    return [sys.executable, "-c", code]


def _leave_what_it_found(contest: Contest) -> None:
    """Better with each seed."""
    validation = 0.8 + contest.seed / 100
    write_curve(contest, [(1.0, 0.5), (9.0, validation)])
    write_outcome(contest, Outcome(4, validation, 80 + contest.seed, 100, 1234))


@pytest.fixture
def contest(tiny_space: Path, tmp_path: Path) -> Contest:
    """Return a contest over the tiny dataset."""
    data = str(tiny_space.with_name("tiny.npz"))
    return Contest(data, seed=7, seconds=60, trials=1, folder=str(tmp_path), started=1000.0)


def rows(text: str) -> list[list[str]]:
    """Return the cells of a table's rows, without the two of the head."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines[2:]]


def result(*curve: Moment, **facts: Any) -> Result:
    """Return a result with a budget of 10 s."""
    found = Result("one", 10, 1, 12.0, "", Outcome(trials=3, validation=0.9), curve)
    return replace(found, **facts)


def test_every_peer_competes_with_every_seed(
    pretend: Pretend, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pretend(one="", other="")

    status = peers.main(["--seconds", "10", "--seeds", "1", "3", "--out", str(tmp_path)])

    found = rows(capsys.readouterr().out)
    assert status == 0
    assert [row[:4] for row in found] == [
        [peer, "10 s", seed, trials]
        for peer in ("one", "other")
        for seed, trials in (("1", "4"), ("3", "4"), ("mean of 2", "4.0 ± 0.0"))
    ]
    assert [row[5:8] for row in found[:3]] == [
        ["0.8100", "0.8100 (0.7222 to 0.8749)", "1,234"],
        ["0.8300", "0.8300 (0.7445 to 0.8911)", "1,234"],
        ["0.8200 ± 0.0141", "0.8200 ± 0.0141", "1,234 ± 0"],
    ]


def test_all_results_are_kept_as_a_file(pretend: Pretend, tmp_path: Path) -> None:
    pretend(one="")

    peers.main(["--seconds", "10", "--seeds", "1", "2", "--out", str(tmp_path)])

    with (tmp_path / "results.csv").open(encoding="utf-8", newline="") as file:
        found = list(csv.DictReader(file))
    assert [(row["peer"], row["seed"], row["test"]) for row in found] == [
        ("one", "1", "0.81"),
        ("one", "2", "0.82"),
    ]


def test_a_peer_that_fails_leaves_the_others_theirs(
    pretend: Pretend, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pretend(broken="import sys; sys.exit('no luck')", other="")

    status = peers.main(["--seconds", "10", "--seeds", "1", "--out", str(tmp_path)])

    output = capsys.readouterr()
    assert status == 1
    assert [row[0] for row in rows(output.out)] == ["other"]
    assert "broken, seed 1:" in output.err
    assert (tmp_path / "fashion-mnist" / "broken-10s-seed1" / "log.txt").read_text() == "no luck\n"


def test_what_is_there_is_not_made_again(
    pretend: Pretend, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    once = f"import os; os.mkdir({str(tmp_path / 'made')!r})"  # fails the second time
    arguments = ["--seconds", "10", "--seeds", "1", "--out", str(tmp_path)]
    pretend(one=once)
    peers.main(arguments)
    first = capsys.readouterr().out

    status = peers.main(arguments)

    assert status == 0
    assert capsys.readouterr().out == first


def test_a_failed_peer_is_tried_again(pretend: Pretend, tmp_path: Path) -> None:
    arguments = ["--seconds", "10", "--seeds", "1", "--out", str(tmp_path)]
    pretend(one="raise SystemExit(1)")
    peers.main(arguments)
    pretend(one="")

    assert peers.main(arguments) == 0


def test_autokeras_is_left_out_where_it_cannot_be_imported(
    pretend: Pretend, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pretend(one="", autokeras="")
    nowhere = str(tmp_path / "no-python")

    status = peers.main(
        ["--seconds", "10", "--seeds", "1", "--out", str(tmp_path), "--autokeras-python", nowhere]
    )

    output = capsys.readouterr()
    assert status == 0
    assert [row[0] for row in rows(output.out)] == ["one"]
    assert f"autokeras is left out: {nowhere} cannot import it" in output.err


def test_why_a_module_cannot_be_imported_is_told_in_a_line() -> None:
    assert lacks(sys.executable, "json") is None
    assert lacks(sys.executable, "no_such") == "ModuleNotFoundError: No module named 'no_such'"


def test_peers_see_the_split_that_cnnsearch_sees(contest: Contest) -> None:
    command = cnnsearch_run.command(contest)
    settings = [command[place + 1] for place, word in enumerate(command) if word == "--set"]
    given = [f"data.source={contest.data}", f"search.seed={contest.seed}"]
    ours = open_data(load_space("default", [*settings, *given]))

    theirs = contest.open_dataset()

    assert command[command.index("--seed") + 1] == str(contest.seed)
    for name, (images, labels) in theirs.splits().items():
        assert np.array_equal(images, ours.splits()[name][0])
        assert np.array_equal(labels, ours.splits()[name][1])


def test_a_part_of_the_data_has_as_many_images_as_told(contest: Contest, tmp_path: Path) -> None:
    write_part(tmp_path / "part.npz", contest.data, 200)

    part = replace(contest, data=str(tmp_path / "part.npz")).open_dataset()

    counts = {name: len(labels) for name, (_, labels) in part.splits().items()}
    assert counts["train"] + counts["validation"] == 200
    assert counts["test"] == 150  # all that there are


def test_a_contest_reaches_another_process_as_it_is(contest: Contest) -> None:
    assert Contest.from_json(contest.to_json()) == contest


def test_the_curve_never_falls(contest: Contest) -> None:
    best = 0.0
    for validation in (0.5, 0.4, 0.6):
        best = add_moment(contest, validation, best)

    assert [moment.best_validation for moment in read_curve(contest)] == [0.5, 0.5, 0.6]


def test_a_curve_known_afterwards_is_put_in_order(contest: Contest) -> None:
    write_curve(contest, [(5.0, 0.4), (2.0, 0.5), (9.0, 0.6)])

    assert read_curve(contest) == [Moment(2.0, 0.5), Moment(5.0, 0.5), Moment(9.0, 0.6)]


def test_the_curve_shows_nothing_after_the_deadline() -> None:
    late = result(Moment(4.0, 0.7), Moment(9.0, 0.8), Moment(11.0, 0.9))

    shown = list(anytime.lines([late]))

    assert shown[1].split() == ["0.5", "s", "1", "s", "2", "s", "5", "s", "10", "s"]
    assert shown[2].split() == ["one", "none", "none", "none", "0.7000", "0.8000"]


def test_no_mean_is_told_while_a_seed_has_no_network() -> None:
    quick, slow = result(Moment(1.0, 0.5)), result(Moment(6.0, 0.7), seed=2)

    assert anytime.mean_at([quick, slow], 5.0) is None
    assert anytime.mean_at([quick, slow], 6.0) == pytest.approx(0.6)


def test_a_peer_without_a_network_has_no_figures() -> None:
    nothing = result(outcome=Outcome(trials=1))

    found = rows("\n".join(table([nothing, replace(nothing, seed=2)])))

    assert [row[5:8] for row in found] == [["none"] * 3, ["none"] * 3, ["0 of 2"] * 3]


@pytest.fixture
def ticking(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the clock of a contest go on by a second whenever it is read."""
    seconds = count(1)
    monkeypatch.setattr(Contest, "elapsed_s", lambda contest: float(next(seconds)))


@pytest.mark.usefixtures("ticking")
def test_the_best_network_is_tested_with_the_weights_that_were_best(contest: Contest) -> None:
    import keras
    from tests.benchmarks.competitors.watch import Watch

    dataset = contest.open_dataset()
    watch = Watch(replace(contest, seconds=1_000))
    model = keras.Sequential([keras.Input(dataset.shape), keras.layers.Flatten()])
    model.add(keras.layers.Dense(3, bias_initializer="zeros", kernel_initializer="zeros"))
    watch.set_model(model)
    watch.on_train_begin()
    model.layers[-1].bias.assign([0.0, 1.0, 0.0])  # says that all are of class 1: a third is
    watch.on_epoch_end(0, {"val_accuracy": 1 / 3})
    model.layers[-1].bias.assign([1.0, 0.0, 0.0])
    watch.on_epoch_end(1, {"val_accuracy": 0.2})

    outcome = watch.outcome(_with_test_labels(dataset, 1))

    assert outcome == Outcome(1, 0.333333, len(dataset.y_test), len(dataset.y_test), 3 * 145)


def _with_test_labels(dataset: Dataset, label: int) -> Dataset:
    return replace(dataset, y_test=np.full_like(dataset.y_test, label))


@pytest.mark.usefixtures("ticking")
@pytest.mark.parametrize("moment", ["on_train_batch_end", "on_test_batch_end"])
def test_a_search_ends_at_the_deadline_in_training_and_in_validation(
    moment: str, contest: Contest
) -> None:
    from tests.benchmarks.competitors.watch import SearchIsOver, Watch

    watch = Watch(replace(contest, seconds=3))
    watch.on_train_begin()
    getattr(watch, moment)(0)

    with pytest.raises(SearchIsOver):
        getattr(watch, moment)(1)


@pytest.mark.usefixtures("ticking")
def test_a_search_ends_after_as_many_trials_as_told(contest: Contest) -> None:
    from tests.benchmarks.competitors.watch import SearchIsOver, Watch

    watch = Watch(replace(contest, trials=2))
    watch.on_train_begin()
    watch.on_train_begin()

    with pytest.raises(SearchIsOver):
        watch.on_train_begin()
