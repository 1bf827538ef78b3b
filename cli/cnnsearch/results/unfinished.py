"""Which run is left to do."""

from __future__ import annotations

from pathlib import Path

from cnnsearch.records.events import read_events
from cnnsearch.records.folder import RunFolder, find_run_folder, list_run_folders
from cnnsearch.results.summary import state_of

CAN_GO_ON = (("stopped", "killed"), ("running",))  # states; who works on a run goes on by himself


def find_unfinished_run(runs: Path, name: str | None) -> RunFolder:
    """Return the run of that name or path; without a name the latest that can be gone on with.

    Where there is none, that is the latest of all, so that resuming it says what is the matter.

    Raises:
        RunError: There is no such run.
    """
    if name is not None:
        return find_run_folder(runs, name)
    left = [folder for folder in list_run_folders(runs) if not folder.summary.exists()]
    states = {folder: state_of(folder, read_events(folder.events)) for folder in left}
    for wanted in CAN_GO_ON:
        if found := [folder for folder in left if states[folder] in wanted]:
            return found[-1]
    return find_run_folder(runs, None)
