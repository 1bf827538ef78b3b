"""A baseline is the best run that passed, whole, and found or refused before anything is judged."""

from __future__ import annotations

import errno
import json
from pathlib import Path
from threading import Thread

import pytest
from tests.results.conftest import MakeRun, data
from tests.results.gate.conftest import finished, limits, night, verdict

from cnnsearch.errors import OutdatedRunError, RunError, UsageError
from cnnsearch.records.claims import held
from cnnsearch.records.folder import RunFolder
from cnnsearch.results.gate import Update, find_baseline, judge, update_baseline
from cnnsearch.results.gate.baseline import LOCK

GATE = "{test_accuracy: {max_drop: 0.02}}"


def judged(run: RunFolder, best: Path) -> tuple[str, bool]:
    """Hold a run against what is kept in `best`; return the verdict, and whether the run is now."""
    baseline = find_baseline(run.path.parent, str(best), allow_missing=True, update=True)
    found = judge(finished(run), limits(run, GATE), baseline.run)
    return found.verdict, update(best, run).is_kept


def update(best: Path, run: RunFolder, gate: str = GATE) -> Update:
    """Keep a run in `best`, if it passes and is better, as a job does that saw nothing there."""
    return update_baseline(best, finished(run), limits(run, gate), verdict(run, gate))


class FullDisk:
    """Stands for a disk that takes so many more files."""

    def __init__(self, writes: int) -> None:
        self.writes = writes

    def fsync(self, _file: int) -> None:
        self.writes -= 1
        if self.writes < 0:
            raise OSError(errno.ENOSPC, "No space left on device")


def kept(best: Path) -> str:
    found = find_baseline(best.parent, str(best), allow_missing=False, update=True)
    assert found.run is not None
    return found.run.name


def test_small_drops_add_up_until_one_fails(make_run: MakeRun, tmp_path: Path) -> None:
    best = tmp_path / "best"
    judged(night(make_run, "first", 190), best)
    nights = [night(make_run, f"night-{correct}", correct) for correct in (187, 184, 181)]

    verdicts = [judged(run, best)[0] for run in nights]  # each within 0.02 of the one before

    assert verdicts == ["passed", "failed", "failed"]
    assert kept(best) == "first"


def test_a_better_run_takes_the_place_of_the_baseline(make_run: MakeRun, tmp_path: Path) -> None:
    best = tmp_path / "best"
    judged(night(make_run, "first", 180), best)

    assert judged(night(make_run, "second", 190), best) == ("passed", True)
    assert kept(best) == "second"


def test_a_run_is_not_kept_over_itself(make_run: MakeRun, tmp_path: Path) -> None:
    link = tmp_path / "best"
    run = night(make_run, "first", 180)
    link.symlink_to(run.path)
    before = run.test_predictions.read_bytes()

    done = update(link, run)

    assert (done.is_kept, done.hindrance) == (False, f"{link} is the folder of a run")
    assert run.test_predictions.read_bytes() == before


def test_a_run_that_fails_is_no_baseline(make_run: MakeRun, tmp_path: Path) -> None:
    run = night(make_run, "first", 100)

    done = update(tmp_path / "best", run, "{test_accuracy: {min: 0.9}}")

    assert (done.is_kept, done.hindrance) == (False, "it fails the gate")
    assert not (tmp_path / "best").exists()


@pytest.mark.parametrize(
    ("first", "second", "is_kept"), [(190, 170, [True, False]), (170, 190, [True, True])]
)
def test_the_better_of_two_jobs_at_once_is_kept_whichever_ends_last(
    make_run: MakeRun, tmp_path: Path, first: int, second: int, is_kept: list[bool]
) -> None:
    best = tmp_path / "best"
    judged(night(make_run, "old", 150), best)

    done = [update(best, night(make_run, f"{correct}", correct)) for correct in (first, second)]

    assert [each.is_kept for each in done] == is_kept
    for each, before in zip(done, ("old", str(first)), strict=True):
        assert each.before is not None
        assert f"/ ({before}, " in each.before
    assert kept(best) == "190"


def test_who_replaces_a_baseline_waits_for_who_is_at_it(make_run: MakeRun, tmp_path: Path) -> None:
    best = tmp_path / "best"
    judged(night(make_run, "first", 150), best)
    better, worse = night(make_run, "better", 190), night(make_run, "worse", 185)
    other = Thread(target=update, args=(best, worse))

    with held(best / LOCK):
        other.start()
        other.join(0.5)
        waits = other.is_alive()
        (best / "summary.json").write_bytes(better.summary.read_bytes())
        (best / "test_predictions.npz").write_bytes(better.test_predictions.read_bytes())
    other.join()

    assert waits
    assert kept(best) == "better"


def test_a_baseline_that_was_damaged_meanwhile_stays(make_run: MakeRun, tmp_path: Path) -> None:
    best = tmp_path / "best"
    judged(night(make_run, "first", 150), best)
    (best / "summary.json").write_text("{", encoding="utf-8")

    done = update(best, night(make_run, "second", 190))

    assert not done.is_kept
    assert done.hindrance is not None
    assert f"{best}/summary.json is damaged" in done.hindrance


def test_no_summary_lies_beside_the_predictions_of_another_run(
    make_run: MakeRun, tmp_path: Path
) -> None:
    best = tmp_path / "best"
    judged(night(make_run, "first", 180), best)
    judged(night(make_run, "second", 199, keep=False), best)

    assert kept(best) == "second"
    assert {path.name for path in best.iterdir()} == {".lock", "summary.json"}


def test_a_run_or_a_file_is_not_kept_up_to_date(make_run: MakeRun, tmp_path: Path) -> None:
    run = night(make_run, "first", 180)
    runs = run.path.parent

    with pytest.raises(UsageError, match="in a folder of its own, and 'first' is a run"):
        find_baseline(runs, "first", allow_missing=False, update=True)
    with pytest.raises(UsageError, match=r"for a folder, not a file: --baseline last$"):
        find_baseline(runs, "last/summary.json", allow_missing=True, update=True)


def test_a_folder_that_cannot_be_written_is_told(make_run: MakeRun, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    run = night(make_run, "first", 180)
    best = tmp_path / "file" / "best"

    done = update(best, run)

    assert done.hindrance is not None
    assert done.hindrance.startswith(f"{best} cannot be written (Not a directory)")


def test_a_full_disk_leaves_the_baseline_of_before_whole(
    make_run: MakeRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    best = tmp_path / "best"
    judged(night(make_run, "first", 180), best)
    before = {path.name: path.read_bytes() for path in best.iterdir()}
    run = night(make_run, "second", 190)
    disk = FullDisk(writes=1)
    monkeypatch.setattr("cnnsearch.records.files.os.fsync", disk.fsync)

    done = update(best, run)

    assert (done.is_kept, disk.writes) == (False, -1)  # the second file was no longer written
    assert done.hindrance == f"{best} cannot be written: the disk is full; free some space"
    assert before == {path.name: path.read_bytes() for path in best.iterdir()}


def test_a_missing_baseline_is_refused_unless_it_may_be(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="with --allow-missing-baseline the first run"):
        find_baseline(tmp_path, "nothing", allow_missing=False, update=False)

    found = find_baseline(tmp_path, "nothing", allow_missing=True, update=False)

    assert found.run is None
    assert found.missing == "there is no baseline 'nothing' yet: nothing to compare with"


def rewrite(file: Path, **changes: object) -> None:
    content = json.loads(file.read_text(encoding="utf-8"))
    file.write_text(json.dumps(content | changes), encoding="utf-8")


@pytest.mark.parametrize("of", ["summary", "run"])
def test_what_an_older_program_kept_counts_as_missing_where_it_may_be(
    make_run: MakeRun, of: str
) -> None:
    run = night(make_run, "first", 180)
    rewrite(run.summary if of == "summary" else run.run_file, version=0)

    with pytest.raises(OutdatedRunError, match="with --allow-missing-baseline this one passes"):
        find_baseline(run.path.parent, "first", allow_missing=False, update=False)
    found = find_baseline(run.path.parent, "first", allow_missing=True, update=False)

    assert (found.run, found.is_outdated) == (None, True)
    assert found.missing is not None
    assert "version 0; this program reads version" in found.missing


@pytest.mark.parametrize(
    "changes", [{"version": 99}, {"version": "0"}, {"version": 1, "test": "high"}]
)
def test_what_is_newer_or_damaged_is_refused_all_the_same(
    make_run: MakeRun, changes: dict[str, object]
) -> None:
    run = night(make_run, "first", 180)
    rewrite(run.summary, **changes)

    with pytest.raises(RunError) as error:
        find_baseline(run.path.parent, "first", allow_missing=True, update=False)

    assert not isinstance(error.value, OutdatedRunError)


def test_what_an_older_program_kept_gives_way_to_what_passes(
    make_run: MakeRun, tmp_path: Path
) -> None:
    best = tmp_path / "best"
    judged(night(make_run, "first", 190), best)
    rewrite(best / "summary.json", version=0)

    assert judged(night(make_run, "second", 150), best) == ("passed", True)
    assert kept(best) == "second"


def test_a_run_is_not_its_own_baseline(make_run: MakeRun) -> None:
    run = night(make_run, "first", 180)

    with pytest.raises(RunError, match="is the run itself"):
        find_baseline(run.path.parent, "first", allow_missing=False, update=False, judged=run.path)


@pytest.mark.parametrize("update", [True, False])
@pytest.mark.parametrize("place", ["runs/first", "first", "link"])
def test_the_folder_that_a_run_will_have_is_refused_before_it_is_there(
    tmp_path: Path, place: str, update: bool
) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "runs/first")
    name = place if place == "first" else str(tmp_path / place)
    runs = tmp_path / "runs"

    with pytest.raises(RunError, match="is the run itself: name another one"):
        find_baseline(runs, name, allow_missing=True, update=update, judged=runs / "first")


@pytest.mark.parametrize("by", ["first", "second"])
def test_a_folder_that_became_a_run_keeps_its_files(make_run: MakeRun, by: str) -> None:
    run = night(make_run, "first", 180)
    folder = run.path if by == "first" else night(make_run, by, 170).path
    before = {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}

    done = update(folder, run)

    assert (done.is_kept, done.hindrance) == (False, f"{folder} is the folder of a run")
    assert before == {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    assert "test_predictions.npz" in before


@pytest.mark.parametrize(
    ("gate", "advised"), [(GATE, True), ("{test_accuracy: {min: 0.5}}", False)]
)
def test_a_new_baseline_is_advised_where_the_old_one_is_why_nothing_is_compared(
    make_run: MakeRun, tmp_path: Path, gate: str, advised: bool
) -> None:
    run, old = night(make_run, "new", 190), night(make_run, "old", 180, dataset=data(name="others"))
    update(tmp_path / "best", old)

    done = update(tmp_path / "best", run, gate)

    assert not done.is_kept
    assert done.hindrance is not None
    assert "nothing was compared" in done.hindrance
    assert (f"remove {tmp_path / 'best'}" in done.hindrance) == advised
