"""A run as a worker holds it, with a channel and a clock that the test decides about."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.tuning.conftest import LoadSpace

from cnnsearch.architecture.memory import traffic
from cnnsearch.data import Dataset
from cnnsearch.records.events import RunClock
from cnnsearch.records.folder import RunFolder, create_run_folder
from cnnsearch.records.study import Study, create_study, open_study
from cnnsearch.records.trial import TrialRecord
from cnnsearch.space import Candidate, SearchSpace, Value, draw, first_guess
from cnnsearch.tuning.budget import Budget
from cnnsearch.tuning.proposals import Proposals
from cnnsearch.tuning.rungs import Pace, RungPlan
from cnnsearch.tuning.step_cost import Work
from cnnsearch.tuning.words import FINISH
from cnnsearch.tuning.worker.channel import Channel
from cnnsearch.tuning.worker.checkpoint import SCORED, save_checkpoint
from cnnsearch.tuning.worker.devices import Device
from cnnsearch.tuning.worker.hypermodel import CandidateModel
from cnnsearch.tuning.worker.oracle import StudyOracle
from cnnsearch.tuning.worker.outcome import Outcome
from cnnsearch.tuning.worker.run import Run
from cnnsearch.tuning.worker.training import Training
from cnnsearch.tuning.worker.trial import TrialTraining
from cnnsearch.tuning.worker.tuner import SearchTuner

CPU = Device("CPU", jit_compile=False, dtype_policy="float32")
ENDS_BY_TIME = Budget(1_000.0, None, 0.0)  # the time alone ends the search
SMALL = """
    architecture:
      stages: {count: 1, width: {values: [2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13]}}
      head: {dropout: 0.2}
    training: {learning_rate: {min: 1e-3, max: 1e-1, log: true, prior: 1e-2}, batch_size: 8}
    data: {augmentation: {flip: horizontal, crop: 0.25}}
"""


class PretendedChannel(Channel):
    """Keeps what was sent; the test says when to stop."""

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []
        self.stop_when: Callable[[], bool] = lambda: False
        self.word = FINISH

    @property
    def stop_requested(self) -> bool:
        return self.stop_when()

    def send(self, event: str, **facts: Any) -> None:
        self.sent.append({"event": event, **facts})

    def next_word(self) -> str:
        return self.word

    def progress_is_due(self) -> bool:
        return True

    def told(self, event: str) -> list[dict[str, Any]]:
        """Return what was sent of one kind."""
        return [each for each in self.sent if each["event"] == event]


class PretendedClock(RunClock):
    """Stands still at `now`."""

    def __init__(self) -> None:
        self.now = 0.0

    def elapsed_s(self) -> float:
        return self.now


def make_dataset(count: int = 48) -> Dataset:
    """Return three classes of 8 x 8 images: a bright bar in one of three places."""
    rng = np.random.default_rng(0)
    labels = np.arange(count) % 3
    images = rng.integers(0, 80, (count, 8, 8, 1), dtype=np.uint8)
    for image, label in zip(images, labels, strict=True):
        image[2 * label : 2 * label + 3] += 120
    return Dataset(
        "bars", "made up", ("a", "b", "c"), *(images, labels) * 3, licence="none", fingerprint="0"
    )


@dataclass
class World:
    """Everything that a worker needs, small."""

    space: SearchSpace
    folder: RunFolder
    study: Study
    plan: RungPlan
    dataset: Dataset = field(default_factory=make_dataset)
    channel: PretendedChannel = field(default_factory=PretendedChannel)
    clock: PretendedClock = field(default_factory=PretendedClock)
    budget: Budget = field(default_factory=lambda: Budget(None, None, 0.0))

    @property
    def run(self) -> Run:
        return Run(
            self.folder,
            self.space,
            self.dataset,
            self.study,
            self.plan,
            self.budget,
            self.clock,
            self.channel,
        )

    @property
    def hypermodel(self) -> CandidateModel:
        return CandidateModel(self.space, self.dataset, self.plan, CPU)

    def oracle(self) -> StudyOracle:
        return StudyOracle(self.run)

    def oracle_of(self, worker: int) -> StudyOracle:
        """Return the oracle of another worker, which knows the study from its file only."""
        study = open_study(self.folder.journal)
        return StudyOracle(replace(self.run, worker=worker, study=study))

    def tuner(self) -> SearchTuner:
        return SearchTuner(self.run, self.oracle(), self.hypermodel)

    def begin(
        self, settings: Mapping[str, Value] | None = None, *, parent: int | None = None
    ) -> TrialRecord:
        """Record a new trial: with these settings, else with the next that a search would take."""
        candidate = self._next() if settings is None else self.hypermodel.candidate(settings)
        architecture = self.hypermodel.architecture(candidate)
        return self.study.add_trial(
            candidate.settings,
            candidate.choices,
            parameters=architecture.parameters,
            macs=architecture.macs,
            traffic=traffic(architecture),
            parent=parent,
        )

    def _next(self) -> Candidate:
        proposal = Proposals(self.space, self.dataset.shape, 3).next(self.study.trials())
        assert proposal is not None
        return proposal.candidate

    def trial_training(self, record: TrialRecord) -> TrialTraining:
        return TrialTraining(self.run, record, self.oracle(), self.hypermodel)

    def training(self, *, step: int = 0, unit: int = 2, learning_rate: float = 1e-2) -> Training:
        """Return the training of the first guess."""
        candidate = draw(self.space, first_guess)
        model = self.hypermodel.compiled(candidate, learning_rate)
        return Training(
            model, candidate, self.dataset, batch_size=8, step=step, pace=Pace(unit, unit), seed=1
        )

    def scored_trial(self, value: float, step: int = 4, *, image_s: float = 1e-3) -> TrialRecord:
        """Record a pruned trial with its checkpoint, as a search leaves it."""
        record = self.begin()
        candidate = self.hypermodel.candidate(record.settings)
        model = self.hypermodel.compiled(candidate, 1e-2)
        save_checkpoint(self.folder.trial(record.number) / SCORED, model.variables, step)
        self.study.report(record.number, step, value)
        return self.study.end_trial(record.number, "pruned", seconds={"image": image_s})

    def paused_trial(self, value: float, step: int = 4, *, seconds: float) -> TrialRecord:
        """Record a trial that waits after a look, as the best one does for its challengers."""
        record = self.begin()
        self.study.report(record.number, step, value)
        return self.study.pause(record.number, seconds={"total": seconds, "image": 1e-3})


MakeWorld = Callable[..., World]


def run_out(oracle: StudyOracle, most: int = 20) -> list[str]:
    """Take trials until the oracle has no more, and end each at once; return their numbers."""
    numbers: list[str] = []
    while len(numbers) < most and (trial := oracle.create_trial("tuner")).status != "STOPPED":
        numbers.append(trial.trial_id)
        oracle.conclude(trial.trial_id, Outcome("pruned"))
        oracle.end_trial(trial)
    return numbers


def work(record: TrialRecord) -> Work:
    """Return what one image takes in a trial."""
    return Work(record.macs, record.traffic)


@pytest.fixture
def make_world(tmp_path: Path, load: LoadSpace) -> MakeWorld:
    """Return a function that makes a world over a space, given as text."""

    def make(text: str = SMALL, *overrides: str, **facts: Any) -> World:
        space = load(text, *overrides)
        folder = create_run_folder(tmp_path / "runs", None, "r")
        study = create_study(folder.journal, space.objectives)
        batch_size = draw(space, first_guess).training.batch_size
        return World(space, folder, study, **{"plan": RungPlan((4, 12), 2, batch_size), **facts})

    return make


@pytest.fixture
def world(make_world: MakeWorld) -> World:
    return make_world()


@pytest.fixture
def pretend_training(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[int]]:
    """Return a function that lets trainings count their steps only, and score as told.

    What it returns fills up with the batch size of each training that began.
    """

    def pretend(
        scores: Iterable[float] = (), *, at_step: Callable[[Training], None] = lambda training: None
    ) -> list[int]:
        begun: list[int] = []
        remaining = iter(scores)

        def fit(training: Training, until: int, *, on_batch: Any, on_unit: Any) -> None:
            begun.append(training.batch_size)
            while training.step < until:
                training.step += 1
                training.images += training.batch_size
                at_step(training)
                if not on_batch({"loss": 1.0, "accuracy": 0.5}):
                    return
                if training.step % training.pace.unit == 0 and not on_unit(
                    {"loss": 1.0, "accuracy": 0.5}
                ):
                    return

        def evaluate(training: Training, images: Any, labels: Any) -> dict[str, float]:
            score = next(remaining)
            return {"loss": score, "accuracy": score}

        monkeypatch.setattr(Training, "fit", fit)
        monkeypatch.setattr(Training, "evaluate", evaluate)
        monkeypatch.setattr(Training, "count_time", lambda training: None)  # `at_step` says it
        return begun

    return pretend
