"""What `run` and `resume` share: work on a run to its end, and print what it found."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cnnsearch.commands.gating import Job
    from cnnsearch.records.folder import RunFolder
    from cnnsearch.tracking.targets import Targets


def carry_out(
    folder: RunFolder,
    *,
    workers: int | None,
    as_json: bool,
    targets: Targets,
    job: Job | None = None,
) -> None:
    """Work on the run until it is done, write its summary and print it; for a job, judge it too.

    Raises:
        GateFailedError: The run is done, and breaks a limit.
    """
    from cnnsearch.commands.gating import judge_run
    from cnnsearch.commands.printing import print_json
    from cnnsearch.results.summary import write_summary
    from cnnsearch.screen.live import open_screen
    from cnnsearch.screen.tables import print_result
    from cnnsearch.tracking.companion import tracked
    from cnnsearch.tuning.supervisor import Supervisor

    with tracked(folder, targets), folder.lock() as lock:
        with open_screen(plain=True if job else None) as screen:
            Supervisor(folder, screen, lock, workers).run()
        summary = write_summary(folder)  # before others hear that nobody works on the run
    if not (job and as_json):
        print_json(summary) if as_json else print_result(summary)
    if job:
        judge_run(folder, job.baseline, as_json=as_json, result=summary)
