"""What the page of a scheduled job says of a command that ended with an error."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnnsearch.errors import (
    CnnsearchError,
    GateFailedError,
    RunInProgressError,
    SpaceError,
    StoppedError,
)

if TYPE_CHECKING:
    from cnnsearch.screen.github import Kind
    from cnnsearch.screen.sheets import Sheet


def tell_job(command: str, error: CnnsearchError) -> None:
    """Tell a job why `command` ended early: in the step's summary, and in annotations on GitHub.

    A gate that failed has told of its verdict itself.
    """
    from cnnsearch.screen.github import append_step_summary, on_github
    from cnnsearch.screen.sheets import markdown

    if isinstance(error, GateFailedError):
        return
    kind, outcome = _outcome(error)
    append_step_summary(markdown([_sheet(f"{command}: {outcome}", error)]))
    if on_github():
        _annotate(kind, command, error)


def _outcome(error: CnnsearchError) -> tuple[Kind, str]:
    if isinstance(error, StoppedError):
        return "warning", "stopped, to go on in the next job"
    if isinstance(error, RunInProgressError):
        return "warning", "the run is in progress elsewhere"
    return "error", "failed"


def _sheet(title: str, error: CnnsearchError) -> Sheet:
    from cnnsearch.screen.sheets import Sheet

    if not (isinstance(error, SpaceError) and error.problems):
        return Sheet(title, remarks=tuple(str(error).splitlines()))
    rows = [(each.where, each.path, each.message) for each in error.problems]
    return Sheet(title, ("where", "setting", "problem"), rows, (error.heading,))


def _annotate(kind: Kind, title: str, error: CnnsearchError) -> None:
    """Annotate each line of a search space that is at fault, else the job."""
    from cnnsearch.screen.github import annotate

    problems = error.problems if isinstance(error, SpaceError) else ()
    for each in problems:
        where = None if each.position else each.where
        told = " ".join(filter(None, (where, each.path, each.message)))
        annotate(kind, title, told, each.position)
    if not problems:
        annotate(kind, title, str(error))
