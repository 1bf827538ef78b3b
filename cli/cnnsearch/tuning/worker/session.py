"""Everything a worker holds while it works on one run."""

from __future__ import annotations

import gc
from typing import Any

import keras
import numpy as np

from cnnsearch.data.pipelines import held_once
from cnnsearch.exporting.export import PROOF_IMAGES, export_model
from cnnsearch.records.events import RunClock
from cnnsearch.records.folder import RunFolder
from cnnsearch.records.study import open_study
from cnnsearch.results.interval import wilson_interval
from cnnsearch.space import draw, first_guess, load_space
from cnnsearch.tuning.budget import Budget
from cnnsearch.tuning.rungs import plan_rungs
from cnnsearch.tuning.start import open_data
from cnnsearch.tuning.worker.channel import Channel
from cnnsearch.tuning.worker.devices import set_up_device
from cnnsearch.tuning.worker.finish import Finish
from cnnsearch.tuning.worker.hypermodel import CandidateModel
from cnnsearch.tuning.worker.oracle import StudyOracle
from cnnsearch.tuning.worker.training import EVALUATION_BATCH
from cnnsearch.tuning.worker.tuner import SearchTuner


class Session:
    """A run opened by a worker: its space, data and study, and the device to train on."""

    def __init__(self, folder: RunFolder, clock: RunClock, channel: Channel) -> None:
        facts = folder.read_facts()
        self.device = set_up_device()
        gc.freeze()  # what the imports made stays: collecting after each trial need not visit it
        self._folder = folder
        self._clock = clock
        self._channel = channel
        self._space = load_space(folder.space_file)
        self._dataset = open_data(self._space)
        self._study = open_study(folder.journal, writing=True)
        self._budget = Budget(**facts["budget"])
        guess = draw(self._space, first_guess).training
        self._plan = plan_rungs(
            guess.epochs, max(1, len(self._dataset.x_train) // guess.batch_size)
        )
        self._training_data = held_once(self._dataset)
        self._hypermodel = CandidateModel(self._space, self._dataset, self._plan, self.device)
        self._oracle = StudyOracle(
            self._study,
            self._space,
            self._plan,
            self._budget,
            clock,
            channel,
            input_shape=self._dataset.shape,
            classes=len(self._dataset.classes),
        )

    def search(self) -> None:
        """Run trials until the budget of the search is used."""
        if "winner" in self._study.facts():
            return
        self._channel.send("phase", phase="search")
        tuner = SearchTuner(
            self._oracle,
            self._hypermodel,
            self._folder,
            self._training_data,
            self._plan,
            self._channel,
        )
        tuner.search()
        keras.backend.clear_session()
        gc.collect()

    def finish(self) -> None:
        """Anneal the winner, read the test split once, and export."""
        best = self._study.best()
        training = Finish(
            self._study,
            self._hypermodel,
            self._training_data,
            self._folder,
            self._plan,
            self._budget,
            self._clock,
            self._channel,
        ).run()
        self._channel.send("phase", phase="export", trial=best and best.number)
        model = self._hypermodel.for_serving(training.candidate, training.model)
        self._test(model)
        self._export(model)

    def _test(self, model: keras.Model) -> None:
        """Read the test split, once in the life of the run."""
        if "tested" in self._study.facts():
            return
        images, labels = self._dataset.x_test, self._dataset.y_test
        predicted = model.predict(images, batch_size=EVALUATION_BATCH, verbose=0).argmax(-1)
        correct, count = int(np.sum(predicted == labels)), len(labels)
        self._study.note_study(tested={"correct": correct, "count": count})
        low, high = wilson_interval(correct, count)
        self._channel.send("tested", accuracy=correct / count, low=low, high=high, count=count)

    def _export(self, model: keras.Model) -> None:
        exports: list[dict[str, Any]] = export_model(
            model,
            self._folder.export,
            formats=self._space.export.formats,
            classes=self._dataset.classes,
            images=np.asarray(self._dataset.x_validation[:PROOF_IMAGES]),
        )
        self._study.note_study(exports=exports)
        for export in exports:
            self._channel.send("exported", **export)
