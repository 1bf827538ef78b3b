"""TensorBoard shows each trial's curves and settings, each point once, whoever wrote it when."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from tests.tracking.conftest import add_look, go_on, start_trial

from cnnsearch.errors import RunError
from cnnsearch.records.claims import held
from cnnsearch.records.folder import RunFolder
from cnnsearch.tracking.targets import Targets
from cnnsearch.tracking.track import track

pytest.importorskip("tensorboard", reason="the extra `tensorboard` is not installed")

TENSORBOARD = Targets(tensorboard=True)
SEPARATE = """
import sys
from pathlib import Path
from cnnsearch.records.folder import RunFolder
from cnnsearch.tracking.targets import Targets
from cnnsearch.tracking.track import track
track(RunFolder(Path(sys.argv[1])), Targets(tensorboard=True))
assert not {"tensorflow", "keras", "optuna"} & sys.modules.keys()
"""


def points(folder: RunFolder, log: str, tag: str) -> list[tuple[int, float]]:
    """Return what TensorBoard shows of one curve."""
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
    from tensorboard.util.tensor_util import make_ndarray

    shown = EventAccumulator(str(folder.tensorboard / log))
    shown.Reload()
    events = shown.Tensors(tag) if tag in shown.Tags()["tensors"] else shown.Scalars(tag)
    return [
        (event.step, float(getattr(event, "value", 0) or make_ndarray(event.tensor_proto)))
        for event in events
    ]


def session(folder: RunFolder, log: str) -> tuple[dict[str, object], list[int]]:
    """Return the settings that the HParams plugin finds, the trial's name, and how it ended."""
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
    from tensorboard.plugins.hparams import metadata, plugin_data_pb2

    shown = EventAccumulator(str(folder.tensorboard / log))
    shown.Reload()
    settings: dict[str, object] = {}
    ends = []
    for content in shown.PluginTagToContent("hparams").values():
        data = plugin_data_pb2.HParamsPluginData.FromString(content)
        assert data.version == metadata.PLUGIN_DATA_VERSION
        if data.HasField("session_end_info"):
            ends.append(data.session_end_info.status)
        else:
            settings["group"] = data.session_start_info.group_name
        for name, value in data.session_start_info.hparams.items():
            settings[name] = value.string_value or value.number_value
    return settings, ends


def test_each_trial_has_its_curves_and_settings(begun: RunFolder) -> None:
    go_on(begun)
    track(begun, TENSORBOARD)

    assert points(begun, "trial-0001", "val_accuracy") == [(140, 0.75), (420, 0.875)]
    assert points(begun, "trial-0001", "train_loss") == [(140, 0.5), (420, 0.5)]
    assert points(begun, "trial-0001", "parameters") == [(0, 61_706)]
    settings, ends = session(begun, "trial-0001")
    assert settings.pop("group") == "night trial-0001"
    assert settings == {"training.learning_rate": 0.01, "architecture.head.units": "[64]"}
    assert ends == [1]
    assert session(begun, "trial-0000")[1] == [2]
    assert points(begun, "winner", "val_accuracy") == [(0, 0.9375)]


def test_a_resumed_run_adds_to_its_curves_and_repeats_nothing(begun: RunFolder) -> None:
    track(begun, TENSORBOARD)
    before = sorted(begun.tensorboard.glob("trial-0000/*"))
    go_on(begun)
    track(begun, TENSORBOARD)
    track(begun, TENSORBOARD)

    assert points(begun, "trial-0001", "val_accuracy") == [(140, 0.75), (420, 0.875)]
    assert points(begun, "winner", "test_accuracy") == [(0, float(np.float32(0.9)))]
    assert sorted(begun.tensorboard.glob("trial-0000/*")) == before


def test_the_log_of_one_trial_is_not_touched_by_that_of_another(begun: RunFolder) -> None:
    start_trial(begun, 2, 5)
    add_look(begun, 2, 140, 0.25, 6)
    add_look(begun, 1, 280, 0.5, 7)
    track(begun, TENSORBOARD)

    assert points(begun, "trial-0001", "val_accuracy") == [(140, 0.75), (280, 0.5)]
    assert points(begun, "trial-0002", "val_accuracy") == [(140, 0.25)]


def test_a_log_that_a_crash_cut_short_goes_on(begun: RunFolder) -> None:
    track(begun, TENSORBOARD)
    (file,) = begun.tensorboard.glob("trial-0001/*")
    file.write_bytes(file.read_bytes()[:-7])
    go_on(begun)
    track(begun, TENSORBOARD)

    assert points(begun, "trial-0001", "val_accuracy")[-1] == (420, 0.875)


def test_logging_loads_no_tensorflow(begun: RunFolder) -> None:
    command = [sys.executable, "-c", SEPARATE, str(begun.path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr


def test_a_run_is_logged_by_one_process_at_a_time(
    begun: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Targets] = []
    monkeypatch.setattr("cnnsearch.tracking.track.refuse_unusable", asked.append)

    with held(begun.path / ".tracking.lock"), pytest.raises(RunError) as error:
        track(begun, TENSORBOARD)

    assert "is being logged by another process" in str(error.value)
    assert "the same command then adds what is missing" in str(error.value)
    assert asked == []  # a server may take long to answer
