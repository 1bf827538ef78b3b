"""`cnnsearch track`: log a run to TensorBoard and MLflow."""

from __future__ import annotations

from pathlib import Path

from cnnsearch.commands.options import Mlflow, RunName, Runs, TensorBoard


def track(
    name: RunName = None,
    runs: Runs = Path("runs"),
    tensorboard: TensorBoard = False,
    mlflow: Mlflow = None,
) -> None:
    """Log a run to TensorBoard or MLflow, to its end or after it.

    What was logged before is not logged again.
    """
    from cnnsearch.errors import UsageError
    from cnnsearch.records.folder import find_run_folder
    from cnnsearch.tracking.targets import Targets
    from cnnsearch.tracking.track import track as track_run

    targets = Targets(tensorboard, mlflow)
    if not targets:
        raise UsageError("say where to: --tensorboard, --mlflow URI, or both")
    folder = find_run_folder(runs, name)
    folder.read_facts()
    track_run(folder, targets)
