"""A run's folder: its name, its facts, and one writer at a time."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from cnnsearch.errors import RunError
from cnnsearch.records import folder as folder_module
from cnnsearch.records.folder import (
    FORMAT_VERSION,
    RunFolder,
    create_run_folder,
    find_run_folder,
    list_run_folders,
    write_run_facts,
)

HOLD = """
import sys, time
from pathlib import Path
from cnnsearch.records.folder import RunFolder
with RunFolder(Path(sys.argv[1])).lock() as file:
    {inside}
    print("held", flush=True)
    time.sleep(600)
"""


@pytest.fixture
def no_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folder_module, "_LOCK_PATIENCE_S", 0)


def make_run(runs: Path, name: str | None, space: str = "small") -> RunFolder:
    folder = create_run_folder(runs, name, space)
    write_run_facts(folder, f"name: {space}\n", {"space": space})
    return folder


def holder(folder: RunFolder, inside: str = "pass") -> subprocess.Popen[str]:
    """Return a process that holds the run, once it does."""
    program = [sys.executable, "-c", HOLD.format(inside=inside), str(folder.path)]
    process = subprocess.Popen(program, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def test_a_run_is_called_as_asked(tmp_path: Path) -> None:
    folder = create_run_folder(tmp_path / "new" / "runs", "night-1", "small")

    assert (folder.name, folder.path) == ("night-1", tmp_path / "new" / "runs" / "night-1")
    assert (folder.path / "trials").is_dir()


def test_without_a_name_a_run_takes_the_spaces_name_and_the_next_free_number(
    tmp_path: Path,
) -> None:
    (tmp_path / "small-2").mkdir()

    names = [create_run_folder(tmp_path, None, "small").name for _ in range(2)]

    assert names == ["small-1", "small-3"]


@pytest.mark.parametrize(
    ("space", "name"),
    [
        ("my space/v2", "my-space-v2-1"),
        ("../../etc", "etc-1"),
        ("///", "run-1"),
        ("réseau", "réseau-1"),
    ],
)
def test_any_name_of_a_space_gives_a_plain_folder(tmp_path: Path, space: str, name: str) -> None:
    folder = create_run_folder(tmp_path, None, space)

    assert folder.path == tmp_path / name


@pytest.mark.parametrize(
    "name", ["", "..", "a/b", "/tmp", "-x", ".hidden", "a b", "x\n", "x" * 101]
)
def test_a_name_that_is_no_plain_folder_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(RunError, match="is no name for a run: use letters, digits"):
        create_run_folder(tmp_path, name, "small")

    assert list(tmp_path.iterdir()) == []


def test_a_name_that_is_taken_is_refused_with_both_ways_out(tmp_path: Path) -> None:
    make_run(tmp_path, "night")

    with pytest.raises(RunError) as caught:
        create_run_folder(tmp_path, "night", "small")

    assert str(caught.value) == (
        f"{tmp_path / 'night'} exists already: choose another --name, "
        f"or go on with `cnnsearch resume {tmp_path / 'night'}`"
    )


@pytest.mark.parametrize(
    ("path", "called"),
    [("runs/night", "night"), ("/srv/runs/night", "/srv/runs/night"), ("my runs/a", "'my runs/a'")],
)
def test_a_run_outside_of_runs_is_called_by_its_path(path: str, called: str) -> None:
    assert RunFolder(Path(path)).called == called


def test_what_is_no_run_is_not_offered_to_be_gone_on_with(tmp_path: Path) -> None:
    create_run_folder(tmp_path, "night", "small")  # as a kill before run.json leaves it

    with pytest.raises(RunError, match=r"exists already: choose another --name \(it is no run\)$"):
        create_run_folder(tmp_path, "night", "small")


@pytest.mark.parametrize("name", [None, "night"])
def test_runs_that_is_a_file_is_told_as_such(tmp_path: Path, name: str | None) -> None:
    (tmp_path / "runs").write_text("")

    with pytest.raises(RunError, match=r"cannot be made under .*/runs: .*; choose another with"):
        create_run_folder(tmp_path / "runs", name, "small")


def test_a_folder_under_a_file_is_told_with_the_reason(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(RunError, match="Not a directory; choose another with --runs"):
        create_run_folder(tmp_path / "file" / "runs", None, "small")


def test_facts_come_back_with_the_version(tmp_path: Path) -> None:
    folder = make_run(tmp_path, "night")

    assert folder.read_facts() == {"version": FORMAT_VERSION, "space": "small"}
    assert folder.space_file.read_text() == "name: small\n"


def test_a_folder_without_facts_is_no_run(tmp_path: Path) -> None:
    with pytest.raises(RunError, match=r"is not a run folder: it has no run\.json"):
        RunFolder(tmp_path).read_facts()


@pytest.mark.parametrize("content", [b"", b'{"version": 1', b"\xff\xfe"])
def test_damaged_facts_are_told_with_their_place(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "run.json").write_bytes(content)

    with pytest.raises(RunError, match=re.escape(f"{tmp_path / 'run.json'} is damaged: ")):
        RunFolder(tmp_path).read_facts()


@pytest.mark.parametrize(
    ("content", "version"), [('{"version": 0}', 0), ("{}", None), ("[1]", None), ("3", None)]
)
def test_another_version_is_refused(tmp_path: Path, content: str, version: int | None) -> None:
    (tmp_path / "run.json").write_text(content)

    with pytest.raises(RunError, match=f"has format version {version}; this program reads version"):
        RunFolder(tmp_path).read_facts()


def test_runs_are_listed_oldest_first_and_folders_that_are_none_left_out(tmp_path: Path) -> None:
    for age, name in enumerate(["newest", "middle", "oldest"]):
        os.utime(make_run(tmp_path, name).run_file, (1e9 - age, 1e9 - age))
    (tmp_path / "notes").mkdir()
    (tmp_path / "README.md").write_text("")

    assert [folder.name for folder in list_run_folders(tmp_path)] == ["oldest", "middle", "newest"]
    assert list_run_folders(tmp_path / "elsewhere") == []


def test_without_a_name_the_latest_run_is_found(tmp_path: Path) -> None:
    os.utime(make_run(tmp_path, "zebra").run_file, (1e9, 1e9))
    make_run(tmp_path, "ant")

    assert find_run_folder(tmp_path, None).name == "ant"


def test_a_run_is_found_by_name_and_by_path(tmp_path: Path) -> None:
    folder = make_run(tmp_path / "elsewhere", "night")

    assert find_run_folder(tmp_path / "elsewhere", "night") == folder
    assert find_run_folder(tmp_path / "runs", str(folder.path)) == folder


@pytest.mark.parametrize(
    ("name", "hint"),
    [("nihgt-1", "did you mean `night-1`?"), ("morning", "`cnnsearch runs` lists them")],
)
def test_a_run_that_is_not_there_is_told_with_the_nearest_name(
    tmp_path: Path, name: str, hint: str
) -> None:
    make_run(tmp_path, "night-1")
    make_run(tmp_path, "baseline")

    with pytest.raises(RunError) as caught:
        find_run_folder(tmp_path, name)

    assert str(caught.value) == f"there is no run {name} in {tmp_path}; {hint}"


def test_where_there_are_no_runs_yet_the_command_that_makes_one_is_named(tmp_path: Path) -> None:
    with pytest.raises(RunError, match=r"there are no runs in .* yet: `cnnsearch run` makes one"):
        find_run_folder(tmp_path, None)


@pytest.mark.usefixtures("no_patience")
def test_one_process_at_a_time_holds_a_run_and_a_kill_frees_it(tmp_path: Path) -> None:
    folder = make_run(tmp_path, "night")
    process = holder(folder)

    with pytest.raises(RunError) as caught, folder.lock():
        pass
    process.send_signal(signal.SIGKILL)
    process.communicate()
    with folder.lock() as file:
        held = not file.closed

    assert held
    assert str(caught.value) == (
        "the run night is in progress in another process; wait for it or stop it first"
    )


@pytest.mark.usefixtures("no_patience")
def test_a_worker_that_outlives_its_supervisor_still_holds_the_run(tmp_path: Path) -> None:
    folder = make_run(tmp_path, "night")
    start_worker = (
        "import subprocess; print(subprocess.Popen(['sleep', '600'],"
        " stdout=subprocess.DEVNULL, pass_fds=(file.fileno(),)).pid, flush=True)"
    )
    program = [sys.executable, "-c", HOLD.format(inside=start_worker), str(folder.path)]
    process = subprocess.Popen(program, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    worker, _ = int(process.stdout.readline()), process.stdout.readline()
    process.kill()
    process.communicate()

    with pytest.raises(RunError, match="in progress"), folder.lock():
        pass
    os.kill(worker, signal.SIGKILL)


@pytest.mark.usefixtures("no_patience")
def test_a_lock_is_free_again_after_its_end_even_by_an_error(tmp_path: Path) -> None:
    folder = make_run(tmp_path, "night")

    with pytest.raises(KeyError), folder.lock():
        raise KeyError
    with folder.lock() as file:
        held = not file.closed

    assert held


def test_a_run_is_in_progress_while_a_process_holds_it(tmp_path: Path) -> None:
    folder = make_run(tmp_path, "night")
    before = folder.in_progress()
    process = holder(folder)
    during = folder.in_progress()
    process.kill()
    process.communicate()

    assert (before, during, folder.in_progress()) == (False, True, False)


def test_the_lock_waits_for_a_worker_left_alone_that_is_about_to_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = make_run(tmp_path, "night")
    with folder.lock() as file:
        process = subprocess.Popen(["sleep", "600"], pass_fds=(file.fileno(),))

    def let_go(_: float) -> None:
        process.kill()
        process.wait()

    monkeypatch.setattr(time, "sleep", let_go)

    with folder.lock() as file:
        held = not file.closed

    assert held
    assert process.returncode == -signal.SIGKILL


def test_a_run_that_cannot_be_written_is_not_held(tmp_path: Path) -> None:
    folder = make_run(tmp_path, "night")
    (folder.path / ".lock").mkdir()

    with pytest.raises(RunError, match="night cannot be written: Is a directory"), folder.lock():
        pass


KILLED = """
import os, signal, sys
from pathlib import Path
from cnnsearch.records.files import write_json
Path.replace = lambda *paths: os.kill(os.getpid(), signal.SIGKILL)
write_json(Path(sys.argv[1]), {})
"""


def test_what_killed_processes_were_writing_is_removed_when_the_run_is_taken_up(
    tmp_path: Path,
) -> None:
    folder = create_run_folder(tmp_path, "night", "small")
    folder.trial(7).mkdir()
    (folder.path / ".export.partial").mkdir()
    leftovers = [folder.path / ".run.json.abc.partial", folder.trial(7) / ".latest.npz.x.partial"]
    kept = [folder.path / "run.json", folder.trial(7) / "latest.npz"]
    for path in [*leftovers, folder.path / ".export.partial" / "labels.txt", *kept]:
        path.write_bytes(b"half")

    with folder.lock():
        found = {path for path in folder.path.rglob("*") if path.is_file()}

    assert found == {*kept, folder.path / ".lock", folder.path / ".supervisor.lock"}


def test_a_write_that_is_killed_leaves_what_is_removed_later(
    tmp_path: Path,
) -> None:
    folder = create_run_folder(tmp_path, "night", "small")
    subprocess.run([sys.executable, "-c", KILLED, str(folder.run_file)], check=False)
    before = list(folder.path.glob(".run.json.*"))

    with folder.lock():
        after = list(folder.path.glob(".run.json.*"))

    assert len(before) == 1
    assert after == []


def test_a_run_with_a_living_supervisor_is_refused_without_waiting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = make_run(tmp_path, "night")
    waits: list[float] = []
    monkeypatch.setattr(time, "sleep", waits.append)

    with folder.lock(), pytest.raises(RunError, match="in progress"), folder.lock():
        pass

    assert waits == []
