"""MLflow has an entry for a run and one for each trial, whole after any interruption."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.tracking.conftest import go_on

from cnnsearch.errors import CnnsearchError, UsageError
from cnnsearch.records.folder import RunFolder
from cnnsearch.tracking.targets import Targets, refuse_unusable
from cnnsearch.tracking.track import track

mlflow = pytest.importorskip("mlflow", reason="the extra `mlflow` is not installed")


@pytest.fixture
def uri(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
    return (tmp_path / "mlruns").as_uri()


def entries(uri: str) -> dict[str, Any]:
    """Return MLflow's runs by trial, the run as a whole by an empty text."""
    client = mlflow.MlflowClient(tracking_uri=uri)
    experiment = client.get_experiment_by_name("cnnsearch-small")
    found = client.search_runs([experiment.experiment_id])
    by_trial = {entry.data.tags.get("cnnsearch.trial", ""): entry for entry in found}
    assert len(by_trial) == len(found)
    return by_trial


def curve(uri: str, entry: Any, name: str) -> list[tuple[int, float]]:
    history = mlflow.MlflowClient(tracking_uri=uri).get_metric_history(entry.info.run_id, name)
    return [(metric.step, metric.value) for metric in history]


def test_a_run_and_its_trials_are_logged_once_also_when_it_was_resumed(
    begun: RunFolder, uri: str
) -> None:
    track(begun, Targets(mlflow=uri))
    go_on(begun)
    track(begun, Targets(mlflow=uri))
    track(begun, Targets(mlflow=uri))

    found = entries(uri)
    assert sorted(found) == ["", "0", "1"]
    assert found["1"].data.params["training.learning_rate"] == "0.01"
    assert found["1"].data.tags["mlflow.parentRunId"] == found[""].info.run_id
    assert curve(uri, found["1"], "val_accuracy") == [(140, 0.75), (420, 0.875)]
    assert curve(uri, found["1"], "train_loss") == [(140, 0.5), (420, 0.5)]
    assert curve(uri, found["1"], "parameters") == [(0, 61_706)]
    assert curve(uri, found[""], "test_accuracy") == [(0, 0.9)]
    states = {trial: entry.info.status for trial, entry in found.items()}
    assert states == {"": "FINISHED", "0": "FAILED", "1": "FINISHED"}


def test_a_run_that_was_killed_is_no_success(begun: RunFolder, uri: str) -> None:
    track(begun, Targets(mlflow=uri))

    assert entries(uri)[""].info.status == "FAILED"


def test_a_server_that_takes_no_more_does_not_keep_others_from_their_log(
    begun: RunFolder, uri: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("tensorboard", reason="the extra `tensorboard` is not installed")
    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
    monkeypatch.setattr(
        "cnnsearch.tracking.mlflow_log.MlflowLog.log_trial",
        lambda *_: (_ for _ in ()).throw(OSError("no answer")),
    )
    with pytest.raises(CnnsearchError, match="MLflow took no more: no answer"):
        track(begun, Targets(tensorboard=True, mlflow=uri))

    assert len(list(begun.tensorboard.glob("trial-*"))) == 2


def test_a_server_that_does_not_answer_is_told_before_the_search(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_TIMEOUT", "2")

    with pytest.raises(UsageError, match=r"MLflow cannot log to http://127\.0\.0\.1:9"):
        refuse_unusable(Targets(mlflow="http://127.0.0.1:9"))
