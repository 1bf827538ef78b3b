"""What was recorded of the trials is what is read, by us and by Optuna."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random

import optuna
import pytest
from hypothesis import given
from hypothesis import strategies as st
from optuna.storages.journal import JournalFileBackend, JournalStorage
from tests.records.conftest import CHOICES, SETTINGS, add_trial

from cnnsearch.errors import RunError
from cnnsearch.records.study import (
    FAILURES,
    STUDY_NAME,
    Direction,
    Failure,
    State,
    Study,
    create_study,
    open_study,
)
from cnnsearch.space import Choice, Domain, RealRange, Setting, Value, WholeRange

values = (
    st.text(max_size=5)
    | st.integers(-100, 100)
    | st.booleans()
    | st.none()
    | st.floats(-10, 10)
    | st.lists(st.integers(1, 512), max_size=3)
)
WAYS: tuple[Direction, ...] = ("max", "min")
DOMAINS: list[Domain] = [
    Choice((None, True, "relu", [], [64, 64])),
    Choice((0, 0.25), ordinal=True),
    WholeRange(1, 10, step=3),
    WholeRange(8, 512, log=True),
    RealRange(0.0, 0.3, step=0.1),
    RealRange(-1.0, 1.0),
    RealRange(1e-5, 1e-1, log=True),
]


def as_optuna_opens_it(journal: Path) -> optuna.Study:
    """Return the study as any program with plain Optuna does, such as its dashboard."""
    storage = JournalStorage(JournalFileBackend(str(journal)))
    return optuna.load_study(study_name=STUDY_NAME, storage=storage)


def test_a_new_trial_is_running_with_its_settings_and_costs(study: Study, journal: Path) -> None:
    added = add_trial(study, parameters=61_706, macs=2_000_000)

    (read,) = open_study(journal).trials()
    assert read == added
    assert (read.number, read.state, read.attempts, read.finished) == (0, "running", 1, False)
    assert (read.parameters, read.macs) == (61_706, 2_000_000)
    assert read.settings == SETTINGS
    assert list(read.settings) == list(SETTINGS)
    assert (read.value, read.steps, read.message, read.batch_size) == (None, 0, None, None)
    assert read.started is not None


def test_a_new_trial_is_one_line_so_that_no_kill_can_cut_it_in_two(
    study: Study, journal: Path
) -> None:
    before = journal.read_bytes().count(b"\n")

    add_trial(study)

    assert journal.read_bytes().count(b"\n") == before + 1


def test_trials_are_numbered_from_zero(study: Study) -> None:
    assert [add_trial(study).number for _ in range(3)] == [0, 1, 2]
    assert [trial.number for trial in study.trials()] == [0, 1, 2]


@pytest.mark.parametrize("state", ["complete", "pruned", "stopped", *FAILURES])
def test_every_end_comes_back_with_its_looks_seconds_and_message(
    study: Study, journal: Path, state: State
) -> None:
    add_trial(study)
    study.report(0, 180, 0.75)
    study.report(0, 60, 0.5)
    study.note(0, attempts=2, batch_size=32)
    seconds = {"total": 3.5, "fit": 2.0, "evaluate": 1.0}

    ended = study.end_trial(0, state, seconds=seconds, message="the loss became nan by step 200")

    (read,) = open_study(journal).trials()
    assert read == ended == study.trials()[0]
    assert (read.state, read.finished, read.steps) == (state, True, 180)
    assert list(read.looks.items()) == [(60, 0.5), (180, 0.75)]
    assert read.value == 0.75
    assert read.seconds == seconds
    assert read.message == "the loss became nan by step 200"
    assert (read.attempts, read.batch_size) == (2, 32)


@pytest.mark.parametrize("state", ["pruned", "error"])
def test_a_trial_may_end_without_a_look(study: Study, state: State) -> None:
    add_trial(study)

    study.end_trial(0, state, seconds={})

    assert (study.trials()[0].state, study.trials()[0].value) == (state, None)
    assert study.ranking() == []


def test_a_trial_that_a_kill_left_half_ended_is_still_running(study: Study, journal: Path) -> None:
    add_trial(study)
    study.end_trial(0, "complete", seconds={}, message="of no account")
    *lines, _ = journal.read_bytes().splitlines(keepends=True)
    journal.write_bytes(b"".join(lines))

    (read,) = open_study(journal, writing=True).trials()

    assert (read.state, read.message) == ("running", None)


@given(choices=st.lists(values, min_size=1, max_size=4), data=st.data())
def test_any_plain_value_of_a_choice_comes_back_as_it_was(
    tmp_path_factory: pytest.TempPathFactory, choices: list[Value], data: st.DataObject
) -> None:
    journal = tmp_path_factory.mktemp("study") / "study.journal"
    study = create_study(journal, {"val_accuracy": "max"})
    value = data.draw(st.sampled_from(choices))

    study.add_trial({"a": value}, {"a": Setting("a", Choice(tuple(choices)))}, parameters=1, macs=1)

    (read,) = open_study(journal).trials()
    assert json.dumps(read.settings["a"]) == json.dumps(value)


@given(domain=st.sampled_from(DOMAINS), rng=st.randoms(use_true_random=False))
def test_any_value_that_a_domain_draws_can_be_recorded(
    tmp_path_factory: pytest.TempPathFactory, domain: Domain, rng: Random
) -> None:
    journal = tmp_path_factory.mktemp("study") / "study.journal"
    study = create_study(journal, {"val_accuracy": "max"})
    value = domain.draw(rng)

    study.add_trial({"a": value}, {"a": Setting("a", domain)}, parameters=1, macs=1)

    assert open_study(journal).trials()[0].settings == {"a": value}


def test_the_best_look_is_the_value_whichever_way_is_better(tmp_path: Path) -> None:
    studies = {way: create_study(tmp_path / way, {"score": way}) for way in WAYS}
    for study in studies.values():
        add_trial(study)
        for step, value in [(60, 0.5), (180, 0.9), (540, 0.7)]:
            study.report(0, step, value)

    assert {way: study.trials()[0].value for way, study in studies.items()} == {
        "max": 0.9,
        "min": 0.5,
    }


@pytest.mark.parametrize(("way", "order"), [("max", [2, 0, 1]), ("min", [1, 0, 2])])
def test_the_ranking_is_best_first(tmp_path: Path, way: Direction, order: list[int]) -> None:
    study = create_study(tmp_path / "study.journal", {"score": way})
    for number, value in enumerate([0.5, 0.3, 0.7]):
        add_trial(study)
        study.report(number, 60, value)

    ranking = open_study(tmp_path / "study.journal").ranking()

    assert [trial.number for trial in ranking] == order
    assert study.best() == ranking[0]


def test_of_equals_the_smallest_ranks_first_and_of_equally_small_the_earliest(
    study: Study,
) -> None:
    for number, parameters in enumerate([900, 500, 700, 500]):
        add_trial(study, parameters=parameters)
        study.report(number, 60, 0.5)

    assert [trial.number for trial in study.ranking()] == [1, 3, 2, 0]


@pytest.mark.parametrize("failure", [each for each in FAILURES if each != "timed_out"])
def test_a_trial_that_failed_is_not_ranked_whatever_it_scored(
    study: Study, failure: Failure
) -> None:
    add_trial(study)
    study.report(0, 60, 0.99)
    study.end_trial(0, failure, seconds={})

    assert study.best() is None


def test_facts_of_the_study_are_kept_and_may_be_replaced(study: Study, journal: Path) -> None:
    study.note_study(winner={"trial": 3, "value": 0.9}, exports=[])
    study.note_study(exports=[{"format": "keras"}])

    assert open_study(journal).facts() == {
        "winner": {"trial": 3, "value": 0.9},
        "exports": [{"format": "keras"}],
    }


def test_a_study_that_another_process_writes_is_read_anew(study: Study, journal: Path) -> None:
    reader = open_study(journal)
    assert reader.trials() == []

    add_trial(study)
    study.report(0, 60, 0.5)
    running = reader.trials()
    study.end_trial(0, "pruned", seconds={})

    assert [trial.state for trial in running] == ["running"]
    assert [trial.state for trial in reader.trials()] == ["pruned"]


def test_plain_optuna_opens_the_journal(study: Study, journal: Path) -> None:
    for number, state in enumerate(["complete", "pruned", "diverged", "stopped"]):
        add_trial(study)
        study.report(number, 60, 0.5 + number / 10)
        if number == 0:
            study.report(number, 180, 0.8)
        study.end_trial(number, state, seconds={})  # type: ignore[arg-type]
    add_trial(study)

    opened = as_optuna_opens_it(journal)

    assert opened.direction == optuna.study.StudyDirection.MAXIMIZE
    assert [trial.state.name for trial in opened.trials] == [
        "COMPLETE",
        "PRUNED",
        "FAIL",
        "PRUNED",
        "RUNNING",
    ]
    assert [trial.values for trial in opened.trials] == [[0.8], [0.6], None, [0.8], None]
    assert opened.best_value == 0.8
    assert opened.best_params == {**SETTINGS, "architecture.head.units": "[128]"}
    assert opened.trials[0].intermediate_values == {60: 0.5, 180: 0.8}
    assert set(opened.trials[0].distributions) == set(CHOICES)
    assert opened.trials[0].datetime_start is not None


def test_optuna_is_told_the_direction_of_a_loss(tmp_path: Path) -> None:
    assert not create_study(tmp_path / "study.journal", {"val_loss": "min"}).maximize
    assert not open_study(tmp_path / "study.journal").maximize
    assert as_optuna_opens_it(tmp_path / "study.journal").direction.name == "MINIMIZE"


def measured(median_ms: float) -> dict[str, dict[str, float]]:
    return {"latency": {"median_ms": median_ms, "low_ms": 1.0, "high_ms": 9.0, "repeats": 50}}


def test_values_are_the_best_score_and_the_costs_in_the_order_of_the_objectives(
    journal: Path,
) -> None:
    study = create_study(journal, {"val_loss": "min", "macs": "min", "latency": "min"})
    add_trial(study, parameters=1_000, macs=5_000)
    study.note(0, measured=measured(2.5))
    unscored = study.trials()[0]
    study.report(0, 60, 0.7)
    study.report(0, 180, 0.9)
    study.end_trial(0, "complete", seconds={})

    (read,) = open_study(journal).trials()
    assert (unscored.values, read.values) == (None, (0.7, 5_000, 2.5))
    assert read.costs == {"parameters": 1_000, "macs": 5_000, "latency": 2.5}
    assert read.measured == measured(2.5)
    assert list(open_study(journal).objectives) == ["val_loss", "macs", "latency"]


def test_plain_optuna_shows_the_front_with_its_names(journal: Path) -> None:
    study = create_study(journal, {"val_accuracy": "max", "parameters": "min"})
    for number, (parameters, score) in enumerate([(500, 0.5), (900, 0.9), (950, 0.8)]):
        add_trial(study, parameters=parameters)
        study.report(number, 60, score)
        study.end_trial(number, "complete", seconds={})

    opened = as_optuna_opens_it(journal)

    assert [way.name for way in opened.directions] == ["MAXIMIZE", "MINIMIZE"]
    assert [trial.values for trial in opened.best_trials] == [[0.5, 500], [0.9, 900]]
    assert opened.metric_names == ["val_accuracy", "parameters"]


def test_a_trial_over_a_measured_limit_has_no_score_and_has_not_failed(journal: Path) -> None:
    study = create_study(journal, {"val_accuracy": "max", "latency": "min"})
    add_trial(study)
    study.note(0, measured=measured(7.25))
    study.end_trial(0, "over_limit", seconds={"total": 1.0}, message="latency 7.25 ms > 5 ms")

    (read,) = open_study(journal).trials()
    assert (read.state, read.finished, read.failed, read.values) == (
        "over_limit",
        True,
        False,
        None,
    )
    assert (read.costs["latency"], read.message) == (7.25, "latency 7.25 ms > 5 ms")
    assert study.front() == study.ranking() == []
    assert as_optuna_opens_it(journal).trials[0].state.name == "PRUNED"


def test_a_missing_journal_is_told_and_not_made(journal: Path) -> None:
    with pytest.raises(RunError, match="is missing: the run has no record of its trials"):
        open_study(journal)

    assert not journal.exists()


@pytest.mark.parametrize(
    "line",
    [
        "5",
        "null",
        "[1]",
        '"x"',
        "{}",
        '{"op_code":99}',
        '{"op_code":4,"worker_id":"x"}',
        "\x00\x00",
    ],
)
def test_a_journal_damaged_in_the_middle_is_refused(study: Study, journal: Path, line: str) -> None:
    add_trial(study)
    first, *others = journal.read_text().splitlines()
    journal.write_text("\n".join([first, line, *others]) + "\n")

    with pytest.raises(RunError, match=r"study\.journal is damaged \(.*\); start a new run"):
        open_study(journal, writing=True)


@pytest.mark.parametrize("content", ["", "not ours\n"])
def test_a_file_that_is_no_journal_is_refused(journal: Path, content: str) -> None:
    journal.write_text(content)

    with pytest.raises(RunError, match="is damaged"):
        open_study(journal)


def test_a_trial_that_ran_out_of_time_can_win_with_what_it_was_scored(study: Study) -> None:
    scored, unscored = add_trial(study).number, add_trial(study).number
    study.report(scored, 60, 0.5)
    for number in (scored, unscored):
        study.end_trial(number, "timed_out", seconds={})

    assert [trial.failed for trial in study.trials()] == [False, True]
    assert [trial.number for trial in study.ranking()] == [scored]
