"""A run in MLflow: a run of its own there, and below it one for each trial.

What was logged by earlier sessions is asked of the server, so that nothing is logged twice.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cnnsearch.tracking.run_log import RunLog, TrialLog

RUN_TAG = "cnnsearch.run"  # the identity of the run, at its own entry and at each trial's
TRIAL_TAG = "cnnsearch.trial"
MOST_PARAMETERS = 100  # in one request (MLflow's REST API)
LONGEST_PARAMETER = 6000  # characters


class MlflowLog:
    """Writes a run to the MLflow server, database or folder at `uri`."""

    name = "MLflow"

    def __init__(self, uri: str) -> None:
        from mlflow import MlflowClient

        self._client = MlflowClient(tracking_uri=uri)
        self._experiment: str = ""
        self._entries: dict[str, str] = {}  # MLflow's run by trial; "" is the run as a whole
        self._ended: set[str] = set()  # trials, and "", of which all was logged before
        self._steps: dict[str, set[int]] = {}  # those logged, by MLflow's run

    def log_trial(self, trial: TrialLog, run: RunLog) -> None:
        """Write of a trial what is not written yet."""
        self._open(run)
        if str(trial.number) in self._ended:
            return
        entry = self._entry(str(trial.number), trial.settings, trial.started_s, run)
        logged = self._logged(entry, run.objective)
        for step in trial.looks.keys() - logged:
            look = trial.looks[step]
            self._log_measures(entry, look.measures, step, look.time_s)
            logged.add(step)
        if trial.state is not None:
            self._log_measures(entry, trial.costs, 0, trial.ended_s)
            self._client.set_tag(entry, "state", trial.state)
            self._end(entry, "FAILED" if trial.failed else "FINISHED", trial.ended_s)

    def log_run(self, run: RunLog) -> None:
        """Write how the run ended; of one that is done its figures, space and summary."""
        self._open(run)
        if "" in self._ended:
            return
        entry = self._entries[""]
        if run.last == "done":
            self._log_measures(entry, run.figures, 0, run.ended_s)
            for file in (run.folder.space_file, run.folder.summary):
                if file.exists():
                    self._client.log_artifact(entry, str(file))
        state = {"done": "FINISHED", "stopped": "KILLED"}.get(run.last, "FAILED")
        self._end(entry, state, run.ended_s)

    def _open(self, run: RunLog) -> None:
        """Find the entries of earlier sessions, or make one for the run."""
        if "" in self._entries:
            return
        space = run.started.get("space", run.folder.name)
        name = os.environ.get("MLFLOW_EXPERIMENT_NAME") or f"cnnsearch-{space}"
        known = self._client.get_experiment_by_name(name)
        self._experiment = known.experiment_id if known else self._client.create_experiment(name)
        self._find_entries(run)
        facts = {key: run.started.get(key) for key in ("space", "budget", "objectives")}
        facts["dataset"] = (run.started.get("dataset") or {}).get("name")
        started_s = float(run.started.get("time", 0.0))
        entry = self._entry("", facts, started_s, run)
        if "" not in self._ended:
            self._client.update_run(entry, status="RUNNING")

    def _find_entries(self, run: RunLog) -> None:
        """Take in what earlier sessions logged: what has ended well, or is a trial, is whole."""
        token = None
        while True:
            page = self._client.search_runs(
                [self._experiment], f"tags.`{RUN_TAG}` = '{_identity(run)}'", page_token=token
            )
            for found in page:
                trial = found.data.tags.get(TRIAL_TAG, "")
                self._entries[trial] = found.info.run_id
                if found.info.status == "FINISHED" or (trial and found.info.status == "FAILED"):
                    self._ended.add(trial)
            if not (token := page.token):
                return

    def _entry(self, trial: str, settings: Mapping[str, Any], started_s: float, run: RunLog) -> str:
        """Return MLflow's run for a trial, or for the run as a whole; make it if it is new."""
        if trial in self._entries:
            return self._entries[trial]
        tags = {RUN_TAG: _identity(run)}
        tags |= {TRIAL_TAG: trial, "mlflow.parentRunId": self._entries[""]} if trial else {}
        made = self._client.create_run(
            self._experiment,
            start_time=round(1000 * started_s),
            tags=tags,
            run_name=f"{run.folder.name} trial {trial}" if trial else run.folder.name,
        )
        entry: str = made.info.run_id
        self._log_settings(entry, settings)
        self._entries[trial], self._steps[entry] = entry, set()
        return entry

    def _logged(self, entry: str, objective: str) -> set[int]:
        """Return the steps at which the objective of this trial was logged."""
        if entry not in self._steps:
            history = self._client.get_metric_history(entry, objective)
            self._steps[entry] = {metric.step for metric in history}
        return self._steps[entry]

    def _log_settings(self, entry: str, settings: Mapping[str, Any]) -> None:
        from mlflow.entities import Param

        params = [Param(key, str(value)[:LONGEST_PARAMETER]) for key, value in settings.items()]
        for first in range(0, len(params), MOST_PARAMETERS):
            self._client.log_batch(entry, params=params[first : first + MOST_PARAMETERS])

    def _log_measures(
        self, entry: str, measures: Mapping[str, float], step: int, time_s: float
    ) -> None:
        from mlflow.entities import Metric

        when = round(1000 * time_s)
        metrics = [Metric(name, float(value), when, step) for name, value in measures.items()]
        self._client.log_batch(entry, metrics=metrics)

    def _end(self, entry: str, status: str, time_s: float) -> None:
        self._client.set_terminated(entry, status, end_time=round(1000 * time_s))


def _identity(run: RunLog) -> str:
    """Return the identity of the run, fit for a search."""
    return run.identity.replace("'", "")


def check_server(uri: str) -> None:
    """Ask the server, database or folder at `uri` for anything, so that it says what is wrong."""
    from mlflow import MlflowClient

    os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "1")
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_TIMEOUT", "10")
    MlflowClient(tracking_uri=uri).search_experiments(max_results=1)
