"""How a worker ends tells its supervisor what to do next."""

from __future__ import annotations

import errno
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.tuning.worker.conftest import PretendedChannel

from cnnsearch.errors import AllTrialsFailedError, DataError, NothingFeasibleError
from cnnsearch.records.claims import is_held
from cnnsearch.records.folder import RunFolder
from cnnsearch.tuning import exits
from cnnsearch.tuning.place import Place
from cnnsearch.tuning.worker import session
from cnnsearch.tuning.worker.devices import Device
from cnnsearch.tuning.worker.interrupted import DiskFull, Interrupted, MemoryGrown
from cnnsearch.tuning.worker.work import work


@pytest.fixture(autouse=True)
def handlers() -> Iterator[None]:
    """Give the test's process its signal handlers back."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.fixture
def channel() -> PretendedChannel:
    return PretendedChannel()


def pretend_session(
    monkeypatch: pytest.MonkeyPatch, error: BaseException | None, *, at: str = "search"
) -> list[str]:
    """Let a session do nothing but fail at one place; return what it was asked for."""
    asked: list[str] = []

    class Pretended:
        device = Device("CPU", jit_compile=False, dtype_policy="float32")

        def __init__(self, *_: object) -> None:
            self._do("open")

        def search(self) -> None:
            self._do("search")

        def finish(self) -> None:
            self._do("finish")

        def _do(self, what: str) -> None:
            asked.append(what)
            if error is not None and at == what:
                raise error

    monkeypatch.setattr(session, "Session", Pretended)
    return asked


def test_a_worker_searches_and_then_finishes(
    tmp_path: Path, channel: PretendedChannel, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = pretend_session(monkeypatch, None)

    code = work(channel, str(tmp_path), 12.0, Place())

    assert code == exits.DONE
    assert asked == ["open", "search", "finish"]
    (ready,) = channel.told("worker_ready")
    assert ready["device"] == "CPU"
    assert ready["import_s"] >= 0


@pytest.mark.parametrize(
    ("word", "code", "asked"),
    [
        ("finish", exits.DONE, ["open", "search", "finish"]),
        ("end", exits.SEARCHED, ["open", "search"]),
        ("", exits.STOPPED, ["open", "search"]),
    ],
)
def test_what_follows_the_search_is_for_the_supervisor_to_say(
    tmp_path: Path,
    channel: PretendedChannel,
    monkeypatch: pytest.MonkeyPatch,
    word: str,
    code: int,
    asked: list[str],
) -> None:
    done = pretend_session(monkeypatch, None)
    channel.word = word

    assert work(channel, str(tmp_path), 0.0, Place()) == code
    assert done == asked
    assert [event["event"] for event in channel.sent] == ["worker_ready", "searched"]


def test_a_worker_holds_its_place_as_long_as_it_works(
    tmp_path: Path, channel: PretendedChannel, monkeypatch: pytest.MonkeyPatch
) -> None:
    pretend_session(monkeypatch, None)
    lock = RunFolder(tmp_path).worker_lock(1)
    during = []

    def next_word() -> str:
        during.append(is_held(lock))
        return "finish"

    monkeypatch.setattr(channel, "next_word", next_word)

    work(channel, str(tmp_path), 0.0, Place(1, 2))

    assert during == [True]
    assert not is_held(lock)


@pytest.mark.parametrize("at", ["search", "finish"])
@pytest.mark.parametrize(
    ("error", "code"), [(Interrupted(), exits.STOPPED), (MemoryGrown(), exits.REPLACE)]
)
def test_leaving_the_loop_has_its_code(
    tmp_path: Path,
    channel: PretendedChannel,
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
    code: int,
    at: str,
) -> None:
    pretend_session(monkeypatch, error, at=at)

    assert work(channel, str(tmp_path), 0.0, Place()) == code
    assert channel.told("failed") == []


@pytest.mark.parametrize("at", ["open", "search", "finish"])
@pytest.mark.parametrize(
    ("error", "exit_code"),
    [
        (NothingFeasibleError("no candidate"), 4),
        (AllTrialsFailedError("all diverged"), 5),
        (DataError("the file is gone"), 2),
    ],
)
def test_an_error_for_the_user_is_told_in_its_words(
    tmp_path: Path,
    channel: PretendedChannel,
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
    exit_code: int,
    at: str,
) -> None:
    pretend_session(monkeypatch, error, at=at)

    assert work(channel, str(tmp_path), 0.0, Place()) == exits.FAILED
    assert channel.told("failed") == [
        {"event": "failed", "message": str(error), "exit_code": exit_code}
    ]


@pytest.mark.parametrize(
    ("error", "at"),
    [
        (DiskFull(), "search"),
        (OSError(errno.ENOSPC, "full"), "finish"),
        (OSError(errno.EDQUOT, "quota"), "open"),
        (RuntimeError("saved_model.pb.tmp7; No space left on device"), "finish"),
    ],
)
def test_a_full_disk_stops_the_run_with_its_state_saved(
    tmp_path: Path,
    channel: PretendedChannel,
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
    at: str,
) -> None:
    pretend_session(monkeypatch, error, at=at)

    (tmp_path / "night-1").mkdir()

    assert work(channel, str(tmp_path / "night-1"), 0.0, Place()) == exits.FAILED
    (failed,) = channel.told("failed")
    assert failed["exit_code"] == 75
    hint = f"go on with: cnnsearch resume {tmp_path / 'night-1'}"
    assert failed["message"] == f"the disk is full; free some space, then {hint}"


@pytest.mark.parametrize("error", [OSError(errno.EACCES, "denied"), KeyError("width")])
def test_what_nobody_foresaw_is_a_crash_with_its_traceback(
    tmp_path: Path, channel: PretendedChannel, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    pretend_session(monkeypatch, error)

    with pytest.raises(type(error)):
        work(channel, str(tmp_path), 0.0, Place())


def test_every_code_is_another_and_none_is_what_python_or_the_shell_gives() -> None:
    codes = (exits.DONE, exits.REPLACE, exits.STOPPED, exits.SEARCHED, exits.FAILED)

    assert len(set(codes)) == 5
    assert not set(codes[1:]) & {1, 2, *range(126, 256)}
