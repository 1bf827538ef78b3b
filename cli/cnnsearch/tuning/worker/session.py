"""Everything a worker holds while it works on one run."""

from __future__ import annotations

import gc

import keras
import numpy as np

from cnnsearch.data.pipelines import held_once
from cnnsearch.records.events import RunClock
from cnnsearch.records.folder import RunFolder
from cnnsearch.records.study import open_study
from cnnsearch.records.test_split import TestPredictions, read_if_sound, write_test_predictions
from cnnsearch.results.interval import wilson_interval
from cnnsearch.space import load_space
from cnnsearch.tuning.budget import Budget
from cnnsearch.tuning.place import Place
from cnnsearch.tuning.start import open_data
from cnnsearch.tuning.worker.channel import Channel
from cnnsearch.tuning.worker.devices import set_up_device
from cnnsearch.tuning.worker.finish import Finish
from cnnsearch.tuning.worker.hypermodel import CandidateModel
from cnnsearch.tuning.worker.oracle import StudyOracle
from cnnsearch.tuning.worker.planning import plan_for
from cnnsearch.tuning.worker.run import Run
from cnnsearch.tuning.worker.trained import Trained, exported_rows
from cnnsearch.tuning.worker.training import EVALUATION_BATCH, batch_within
from cnnsearch.tuning.worker.tuner import SearchTuner


class Session:
    """A run opened by a worker: its space, data and study, and the device to train on."""

    def __init__(
        self,
        folder: RunFolder,
        clock: RunClock,
        channel: Channel,
        place: Place,
        import_s: float = Run.import_s,
    ) -> None:
        facts = folder.read_facts()
        self.device = set_up_device(place)
        gc.freeze()  # what the imports made stays: collecting after each trial need not visit it
        space = load_space(folder.space_file)
        self._dataset = open_data(space)
        budget = Budget(**facts["budget"])
        self._run = Run(
            folder=folder,
            space=space,
            dataset=held_once(self._dataset),
            study=open_study(folder.journal, writing=True),
            plan=plan_for(space, self._dataset, open_ended=budget.ends_by_time),
            budget=budget,
            clock=clock,
            channel=channel,
            worker=place.index,
            workers=place.count,
            import_s=import_s,
        )
        self._hypermodel = CandidateModel(space, self._dataset, self._run.plan, self.device)

    def search(self) -> None:
        """Run trials until the budget of the search is used."""
        if "winner" in self._run.study.facts():
            return
        self._run.channel.send("phase", phase="search")
        SearchTuner(self._run, StudyOracle(self._run), self._hypermodel).search()
        keras.backend.clear_session()
        gc.collect()

    def finish(self) -> None:
        """Anneal the winner, read the test split once, and export."""
        best = self._run.study.best()
        training = Finish(self._run, self._hypermodel).run()
        self._run.channel.send("phase", phase="export", trial=best and best.number)
        model = self._hypermodel.for_serving(training.candidate, training.model)
        self._test(model)
        self._export(model, self._run.study.facts()["winner"]["trial"])

    def _test(self, model: keras.Model) -> None:
        """Read the test split, once in the life of the run.

        The predictions are on the disk before the study says so: who is killed between the two
        goes on with them.
        """
        if self._run.study.facts().get("tested"):
            return
        found = read_if_sound(self._run.folder) or self._predict(model)
        correct, count = found.correct, found.count
        self._run.study.note_study(tested={"correct": correct, "count": count})
        low, high = wilson_interval(correct, count)
        self._run.channel.send("tested", accuracy=correct / count, low=low, high=high, count=count)

    def _predict(self, model: keras.Model) -> TestPredictions:
        images, labels = self._dataset.x_test, self._dataset.y_test
        batch_size = batch_within(EVALUATION_BATCH, images)
        probabilities = model.predict(images, batch_size=batch_size, verbose=0)
        found = TestPredictions(np.asarray(probabilities, np.float32), np.asarray(labels, np.int64))
        write_test_predictions(self._run.folder, found)
        return found

    def _export(self, model: keras.Model, number: int) -> None:
        run = self._run
        trained = Trained(run.folder, run.study, self._hypermodel, self._dataset, model, number)
        manifest = trained.export(run.folder.export, run.space.export.formats)
        exports = exported_rows(manifest, run.folder.export)
        run.study.note_study(exports=exports)
        for export in exports:
            run.channel.send("exported", **export)
        for warning in manifest["warnings"]:
            run.warn(warning)
