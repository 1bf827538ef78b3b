"""Curves and HParams for TensorBoard: a folder a trial, to which each session adds a file.

TensorBoard's own writer is used, not TensorFlow's: who shows the logs has it, and it works without
loading TensorFlow, which would take seconds and memory from the training.
"""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cnnsearch.tracking.run_log import RunLog, TrialLog

SESSION_ENDED = "_hparams_/session_end_info"


class TensorBoardLog:
    """Writes what TensorBoard shows of a run below `folder`."""

    name = "TensorBoard"

    def __init__(self, folder: Path) -> None:
        # TensorBoard's switch for doing without TensorFlow: that a module of this name is there.
        sys.modules.setdefault("tensorboard.compat.notf", ModuleType("tensorboard.compat.notf"))
        self._folder = folder
        self._trials: dict[str, _TrialWriter] = {}

    def log_trial(self, trial: TrialLog, run: RunLog) -> None:
        """Write of a trial what is not written yet."""
        name = f"trial-{trial.number:04d}"
        if name not in self._trials:
            self._trials[name] = _TrialWriter(self._folder / name)
        self._trials[name].write(trial, f"{run.folder.name} {name}")  # runs may be shown together

    def log_run(self, run: RunLog) -> None:
        """Write the winner's figures, and close all files."""
        if run.figures:
            winner = _TrialWriter(self._folder / "winner")
            winner.write_scalars(0, run.ended_s, run.figures)
            winner.close()
        for writer in self._trials.values():
            writer.close()


class _TrialWriter:
    """The event files of one trial: earlier sessions' are read, and one is added when needed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._steps, self._tags = _written(folder)
        self._writer: Any = None

    def write(self, trial: TrialLog, name: str) -> None:
        from tensorboard.plugins.hparams.summary_v2 import hparams_pb

        if not self._tags:
            settings = {path: _plain(value) for path, value in trial.settings.items()}
            self._add(trial.started_s, hparams_pb(settings, name, trial.started_s))
            self._tags.add("hparams")
            self.write_scalars(0, trial.started_s, trial.costs)
        for step, look in trial.looks.items():
            self.write_scalars(step, look.time_s, look.measures)
        if trial.state is not None and SESSION_ENDED not in self._tags:
            self._add(trial.ended_s, _session_end(trial))
            self._tags.add(SESSION_ENDED)
        if self._writer is not None:
            self._writer.flush()
        if trial.state is not None:
            self.close()

    def write_scalars(self, step: int, time_s: float, measures: Any) -> None:
        """Write numbers after `step` steps, unless that was done in an earlier session."""
        from tensorboard.compat.proto.summary_pb2 import Summary

        values = [
            Summary.Value(tag=tag, simple_value=value)
            for tag, value in measures.items()
            if (tag, step) not in self._steps
        ]
        if values:
            self._add(time_s, Summary(value=values), step)
            self._steps |= {(value.tag, step) for value in values}

    def close(self) -> None:
        if self._writer is not None:
            self._writer.close()
            self._writer = None

    def _add(self, time_s: float, summary: Any, step: int = 0) -> None:
        from tensorboard.compat.proto.event_pb2 import Event
        from tensorboard.summary.writer.event_file_writer import EventFileWriter

        if self._writer is None:
            self._writer = EventFileWriter(str(self._folder))
        self._writer.add_event(Event(wall_time=time_s, step=step, summary=summary))


def _written(folder: Path) -> tuple[set[tuple[str, int]], set[str]]:
    """Return the (tag, step) of each number that earlier sessions wrote, and the HParams tags."""
    from tensorboard.backend.event_processing.event_file_loader import EventFileLoader

    steps: set[tuple[str, int]] = set()
    tags: set[str] = set()
    for file in sorted(folder.glob("events.out.tfevents.*")):
        for event in EventFileLoader(str(file)).Load():
            for value in event.summary.value:
                if value.tag.startswith("_hparams_/"):
                    tags.add(value.tag)
                else:
                    steps.add((value.tag, event.step))
    return steps, tags


def _session_end(trial: TrialLog) -> Any:
    """Return the HParams plugin's mark for the end of a trial."""
    from tensorboard.compat.proto.summary_pb2 import Summary
    from tensorboard.plugins.hparams import api_pb2, metadata
    from tensorboard.plugins.hparams.plugin_data_pb2 import HParamsPluginData, SessionEndInfo

    status = api_pb2.STATUS_FAILURE if trial.failed else api_pb2.STATUS_SUCCESS
    end = HParamsPluginData(
        session_end_info=SessionEndInfo(status=status, end_time_secs=trial.ended_s)
    )
    about = metadata.create_summary_metadata(end)
    value = Summary.Value(tag=SESSION_ENDED, metadata=about, tensor=metadata.NULL_TENSOR)
    return Summary(value=[value])


def _plain(value: Any) -> bool | int | float | str:
    return value if isinstance(value, bool | int | float | str) else str(value)
