"""Where a run is logged to besides its own folder, and whether that can be done."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec

from cnnsearch.errors import MissingExtraError, UsageError


@dataclass(frozen=True)
class Targets:
    """What was asked for."""

    tensorboard: bool = False
    mlflow: str | None = None  # the URI of a server, a database or a folder

    def __bool__(self) -> bool:
        return self.tensorboard or self.mlflow is not None

    def arguments(self) -> list[str]:
        """Return the options of `cnnsearch track` that ask for the same."""
        uri = [] if self.mlflow is None else ["--mlflow", self.mlflow]
        return ["--tensorboard"] * self.tensorboard + uri


def usable_targets(tensorboard: bool, mlflow: str | None) -> Targets:
    """Return what was asked for.

    Raises:
        UsageError: It cannot work: see `refuse_unusable`.
    """
    targets = Targets(tensorboard, mlflow)
    refuse_unusable(targets)
    return targets


def refuse_unusable(targets: Targets) -> None:
    """Refuse what cannot work before a search has cost anything.

    Raises:
        UsageError: An extra is not installed, or the MLflow server does not answer.
    """
    if targets.tensorboard:
        _refuse_missing("tensorboard")
    if targets.mlflow is not None:
        _refuse_missing("mlflow")
        from cnnsearch.tracking.mlflow_log import check_server

        try:
            check_server(targets.mlflow)
        except Exception as error:  # whatever MLflow and the libraries below it raise
            raise UsageError(
                f"MLflow cannot log to {targets.mlflow}: {first_line(error)}"
            ) from None


def first_line(error: Exception) -> str:
    """Return what an error of another library says, in short."""
    return next(iter(str(error).strip().splitlines()), type(error).__name__)


def _refuse_missing(extra: str) -> None:
    if find_spec(extra) is None:
        raise MissingExtraError(f"--{extra} needs the extra `{extra}`, not installed yet", extra)
