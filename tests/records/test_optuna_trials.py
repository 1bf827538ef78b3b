"""What is recorded of a trial comes back as it was, and plain Optuna reads it too."""

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

from cnnsearch.records.study import STUDY_NAME, Study, create_study, open_study
from cnnsearch.space import Choice, Domain, RealRange, Setting, Value, WholeRange

values = (
    st.text(max_size=5)
    | st.integers(-100, 100)
    | st.booleans()
    | st.none()
    | st.floats(-10, 10)
    | st.lists(st.integers(1, 512), max_size=3)
)
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
