"""The supervisor keeps a run going over its workers' ends, and says how the run ended."""

from __future__ import annotations

import json
import os
import signal
import sys
import textwrap
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from cnnsearch.errors import CnnsearchError, NothingFeasibleError, StoppedError
from cnnsearch.records.events import Event, Heartbeat, Progress, read_events
from cnnsearch.records.folder import RunFolder, create_run_folder, write_run_facts
from cnnsearch.records.study import create_study
from cnnsearch.tuning import budget, crew, exits, supervisor
from cnnsearch.tuning import starved as starved_module
from cnnsearch.tuning.crew import MOST_IDLE_DEATHS
from cnnsearch.tuning.supervisor import Supervisor

# What every pretended worker begins with: `life` counts the workers of the run, from 0.
PROLOGUE = """
import json, os, signal, sys, time
from pathlib import Path
folder, index, count = Path(sys.argv[-4]), int(sys.argv[-2]), int(sys.argv[-1])
lives = folder / "lives"
life = len(lives.read_text()) if lives.exists() else 0
lives.write_text("x" * (life + 1))
def send(event, **facts):
    print(json.dumps({"event": event, **facts}), flush=True)
"""
FACTS: dict[str, Any] = {
    "space": "small",
    "dataset": {"name": "bars"},
    "budget": {"time_s": 100.0, "trials": None, "reserve": 0.5},
    "objectives": {"val_accuracy": "max"},
}
Supervise = Callable[[str], "Supervised"]


class Watching:
    """A screen that only notes what it is shown."""

    def __init__(self) -> None:
        self.shown: list[Event] = []
        self.recalled: list[Event] = []
        self.ticks = 0
        self.on_event: Callable[[Event], None] = lambda event: None

    def handle(self, event: Event) -> None:
        self.shown.append(event)
        self.on_event(event)

    def recall(self, events: Iterable[Event]) -> None:
        self.recalled += events

    def tick(self) -> None:
        self.ticks += 1


class Supervised:
    """A run whose workers are pretended."""

    def __init__(self, folder: RunFolder) -> None:
        self.folder = folder
        self.screen = Watching()

    def run(self, workers: int = 1) -> CnnsearchError | None:
        """Run one session; return how it ended if not at its end."""
        try:
            with self.folder.lock() as lock:
                Supervisor(self.folder, self.screen, lock, workers).run()
        except CnnsearchError as error:
            return error
        return None

    @property
    def lives(self) -> int:
        """How many workers were started."""
        return len((self.folder.path / "lives").read_text())

    def events(self, kind: str) -> list[dict[str, Any]]:
        return [event for event in read_events(self.folder.events) if event["event"] == kind]


@pytest.fixture
def supervise(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Supervise]:
    """Return a function that makes a run with this program as its worker."""

    def make(program: str) -> Supervised:
        folder = create_run_folder(tmp_path / "runs", "night", "small")
        write_run_facts(folder, "", FACTS)
        worker = tmp_path / "worker.py"
        worker.write_text(PROLOGUE + textwrap.dedent(program), encoding="utf-8")
        python = tmp_path / "python"
        python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{worker}" "$@"\n')
        python.chmod(0o755)
        monkeypatch.setattr(sys, "executable", str(python))
        return Supervised(folder)

    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
    yield make
    assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)) == before


def test_a_worker_that_is_done_ends_the_run(supervise: Supervise) -> None:
    run = supervise("send('worker_ready', device='CPU', import_s=1.0)")

    assert run.run() is None
    assert [event["event"] for event in read_events(run.folder.events)] == [
        "run_started",
        "worker_started",
        "worker_ready",
        "phase",
    ]
    assert run.events("phase")[0]["phase"] == "done"
    assert [event["event"] for event in run.screen.shown] == [
        event["event"] for event in read_events(run.folder.events)
    ]


def test_the_start_tells_what_is_searched_and_with_which_budget(supervise: Supervise) -> None:
    run = supervise("")
    run.run()

    (started,) = run.events("run_started")
    assert started["run"] == "night"
    assert (started["space"], started["dataset"]) == ("small", {"name": "bars"})
    assert started["budget"] == {"time_s": 100.0, "trials": None, "reserve_s": 50.0}
    assert started["objectives"] == {"val_accuracy": "max"}
    assert started["resumed"] is False


@pytest.mark.parametrize(
    ("time_s", "spent_s", "words"),
    [(5.0, None, "2 s to search is hardly enough"), (100.0, 60.0, "the time to search is used up")],
)
def test_a_time_that_will_not_do_is_told_at_the_start(
    supervise: Supervise, time_s: float, spent_s: float | None, words: str
) -> None:
    run = supervise("send('worker_ready', device='CPU', import_s=1.0)")
    write_run_facts(run.folder, "", {**FACTS, "budget": {**FACTS["budget"], "time_s": time_s}})
    if spent_s is not None:
        run.folder.events.write_text(json.dumps({"event": "look", "elapsed_s": spent_s}) + "\n")

    run.run()

    (warning,) = run.events("warning")
    assert warning["message"].startswith(words)


def test_a_time_that_will_do_is_not_remarked_on(supervise: Supervise) -> None:
    run = supervise("send('worker_ready', device='CPU', import_s=1.0)")

    run.run()

    assert run.events("warning") == []


READY_ON = "for _ in range(2): send('worker_ready', device='{}', import_s=1.0)"


def test_a_gpu_that_tensorflow_does_not_find_is_told_of_once(
    supervise: Supervise, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor, "count_gpus", lambda: 1)
    run = supervise(READY_ON.format("CPU"))

    run.run()

    (warning,) = run.events("warning")
    assert "has an NVIDIA GPU" in warning["message"]
    assert f"cnnsearch resume {run.folder.called}" in warning["message"]


@pytest.mark.parametrize(("gpus", "device"), [(0, "CPU"), (1, "NVIDIA H100")])
def test_a_gpu_that_is_used_or_not_there_is_not_remarked_on(
    supervise: Supervise, monkeypatch: pytest.MonkeyPatch, gpus: int, device: str
) -> None:
    monkeypatch.setattr(supervisor, "count_gpus", lambda: gpus)
    run = supervise(READY_ON.format(device))

    run.run()

    assert run.events("warning") == []


def test_the_end_of_the_search_is_told_once_though_every_worker_sees_it(
    supervise: Supervise,
) -> None:
    run = supervise("for _ in range(2): send('search_ended', reason='time', message='over')")

    run.run()

    assert len(run.events("search_ended")) == 1


def test_a_worker_is_told_the_run_and_the_time_spent(supervise: Supervise) -> None:
    run = supervise("send('looked', arguments=sys.argv[1:])")
    run.run()
    first = run.events("looked")[0]["arguments"]
    run.run()

    second = run.events("looked")[1]["arguments"]
    assert first[:3] == ["-m", "cnnsearch.tuning.worker", str(run.folder.path)]
    spent = max(event["elapsed_s"] for event in read_events(run.folder.events)[:5])
    assert float(second[3]) >= spent > float(first[3]) >= 0


def test_a_session_that_goes_on_recalls_what_was(supervise: Supervise) -> None:
    run = supervise("send('trial_ended', trial=life)")
    run.run()
    before = read_events(run.folder.events)
    run.screen = Watching()
    run.run()

    assert run.screen.recalled == before
    assert run.events("run_started")[1]["resumed"] is True


def test_events_are_recorded_with_their_facts_and_progress_only_shown(
    supervise: Supervise,
) -> None:
    run = supervise(
        """
        send('progress', trial=0, step=7)
        send('look', trial=0, value=0.5)
        send('finish_progress', trial=0, step=9)
        """
    )
    run.run()

    (look,) = run.events("look")
    assert (look["trial"], look["value"]) == (0, 0.5)
    assert {"time", "elapsed_s"} <= look.keys()
    assert run.events("progress") == run.events("finish_progress") == []
    shown = [(event["event"], event.get("step")) for event in run.screen.shown]
    assert ("progress", 7) in shown
    assert ("finish_progress", 9) in shown
    (latest,) = Progress(run.folder.progress).read()  # for who watches
    assert (latest["event"], latest["step"]) == ("finish_progress", 9)


@pytest.mark.parametrize("line", ["chatter", '{"event": "lo', "null", "5", "[]"])
def test_what_is_no_event_is_passed_over(supervise: Supervise, line: str) -> None:
    run = supervise(f"print({line!r}, flush=True); time.sleep(0.05); send('look', trial=0)")

    assert run.run() is None
    assert len(run.events("look")) == 1


def test_a_worker_that_has_grown_is_replaced(supervise: Supervise) -> None:
    run = supervise(f"sys.exit({exits.REPLACE} if life < 5 else 0)")

    assert run.run() is None
    assert run.lives == 6
    assert [event["exit_code"] for event in run.events("worker_ended")] == [exits.REPLACE] * 5


def test_a_worker_that_dies_is_replaced(supervise: Supervise) -> None:
    run = supervise("os.kill(os.getpid(), signal.SIGKILL) if life == 0 else None")

    assert run.run() is None
    assert run.lives == 2
    assert run.events("worker_ended")[0]["reason"] == "killed by signal 9"


def test_three_workers_in_a_row_that_did_nothing_end_the_run_with_their_log(
    supervise: Supervise,
) -> None:
    run = supervise(
        """
        for number in range(20):
            print(f"line {number} of worker {life}", file=sys.stderr)
        sys.exit(1)
        """
    )

    error = run.run()

    assert run.lives == MOST_IDLE_DEATHS == 3
    assert error is not None
    assert error.exit_code == 1
    assert str(error) == (
        "3 workers in a row died (ended with exit code 1); its last words: line 19 of worker 2\n"
        f"the whole of them: {run.folder.worker_log}"
    )
    assert [event["exit_code"] for event in run.events("stopped")] == [1]


def test_workers_that_end_a_trial_each_may_die_as_often_as_there_are_trials(
    supervise: Supervise,
) -> None:
    run = supervise("send('trial_ended', trial=life); sys.exit(1 if life < 7 else 0)")

    assert run.run() is None
    assert run.lives == 8


def test_deaths_are_counted_from_the_last_trial_that_ended(supervise: Supervise) -> None:
    run = supervise("send('trial_ended', trial=life) if life == 1 else None; sys.exit(1)")

    error = run.run()

    assert error is not None
    assert run.lives == 1 + 1 + 2  # one idle death, one after a trial, then two more


@pytest.mark.parametrize("exit_code", [2, 4, 5, 75])
def test_a_failure_that_a_worker_tells_of_is_the_end_with_its_code(
    supervise: Supervise, exit_code: int
) -> None:
    run = supervise(
        f"send('failed', message='no candidate', exit_code={exit_code}); sys.exit({exits.FAILED})"
    )

    error = run.run()

    assert error is not None
    assert (str(error), error.exit_code) == ("no candidate", exit_code)
    assert run.lives == 1
    assert run.events("failed") == []
    (stopped,) = run.events("stopped")
    assert (stopped["reason"], stopped["exit_code"]) == ("no candidate", exit_code)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_asks_the_worker_to_stop_and_names_the_way_back(
    supervise: Supervise, number: signal.Signals, code: int
) -> None:
    run = supervise(
        f"send('look', trial=0); sys.stdin.read(); send('saved'); sys.exit({exits.STOPPED})"
    )

    def interrupt(event: Event) -> None:
        if event["event"] == "look":
            os.kill(os.getpid(), number)

    run.screen.on_event = interrupt

    error = run.run()

    assert error is not None
    assert error.exit_code == code
    hint = f"go on with: cnnsearch resume {run.folder.path}"
    assert str(error) == f"everything is saved; {hint}"
    assert len(run.events("saved")) == 1
    assert run.events("stopping")[0]["reason"] == number.name
    assert run.events("stopped")[0]["exit_code"] == code


def test_a_signal_that_comes_too_late_takes_nothing_from_the_run(supervise: Supervise) -> None:
    run = supervise("send('look', trial=0); sys.stdin.read()")

    def interrupt(event: Event) -> None:
        if event["event"] == "look":
            os.kill(os.getpid(), signal.SIGINT)

    run.screen.on_event = interrupt

    assert run.run() is None
    assert run.events("phase")[-1]["phase"] == "done"


def test_a_second_signal_does_not_wait_for_the_worker(supervise: Supervise) -> None:
    run = supervise("send('look', trial=0); time.sleep(600)")
    signals = {"look": 1, "stopping": 1}

    def interrupt(event: Event) -> None:
        if signals.pop(event["event"], 0):
            os.kill(os.getpid(), signal.SIGINT)

    run.screen.on_event = interrupt

    error = run.run()

    assert error is not None
    assert error.exit_code == 130


SEARCH = """
send('worker_ready', device=DEVICE, import_s=1.0)
send('trial_ended', trial=life)
send('searched')
word = sys.stdin.readline().strip()
send('told', word=word)
sys.exit({'finish': DONE, 'end': SEARCHED, '': STOPPED}[word])
"""


def searching(device: str) -> str:
    """Return a worker that searches, and then does as it is told."""
    names = "\n".join(f"{name} = {getattr(exits, name)}" for name in CODES)
    return f"DEVICE = {device!r}\n{names}\n{SEARCH}"


CODES = ("DONE", "SEARCHED", "STOPPED")


def test_the_only_worker_finishes_what_it_has_searched(supervise: Supervise) -> None:
    run = supervise(searching("CPU"))

    assert run.run() is None
    assert [(event["worker"], event["word"]) for event in run.events("told")] == [(0, "finish")]


def test_of_several_workers_on_gpus_the_last_to_search_finishes(supervise: Supervise) -> None:
    run = supervise(searching("NVIDIA H100"))

    assert run.run(workers=3) is None
    assert sorted(event["worker"] for event in run.events("worker_started")) == [0, 1, 2]
    assert [event["word"] for event in run.events("told")].count("finish") == 1
    assert [event["word"] for event in run.events("told")].count("end") == 2
    assert {event["exit_code"] for event in run.events("worker_ended")} <= {exits.SEARCHED}


def test_on_shared_cores_a_new_worker_with_all_of_them_finishes(supervise: Supervise) -> None:
    run = supervise(searching("CPU"))

    assert run.run(workers=2) is None
    places = [(event["worker"], event["workers"]) for event in run.events("worker_started")]
    assert places == [(0, 2), (1, 2), (0, 1)]
    assert [event["word"] for event in run.events("told")] == ["end", "end", "finish"]


def test_with_little_time_left_the_last_finishes_on_shared_cores_too(supervise: Supervise) -> None:
    run = supervise(searching("CPU"))
    write_run_facts(run.folder, "", {**FACTS, "budget": {**FACTS["budget"], "time_s": 40.0}})

    assert run.run(workers=2) is None
    assert sorted(event["word"] for event in run.events("told")) == ["end", "finish"]


def test_a_place_in_which_workers_die_and_die_is_left_to_the_others(supervise: Supervise) -> None:
    run = supervise("if index == 1: sys.exit(1)\ntime.sleep(1)\n" + searching("CPU"))

    assert run.run(workers=2) is None
    died = [event["worker"] for event in run.events("worker_ended") if event["exit_code"] == 1]
    assert died == [1] * MOST_IDLE_DEATHS
    (warning,) = run.events("warning")
    assert warning["message"] == (
        "3 workers in a row died (ended with exit code 1); the run goes on with the others"
    )


def test_when_workers_die_in_every_place_the_run_ends(supervise: Supervise) -> None:
    run = supervise("sys.exit(1)")

    error = run.run(workers=2)

    assert error is not None
    assert error.exit_code == 1
    assert run.lives <= 2 * MOST_IDLE_DEATHS


def test_a_failure_of_one_worker_stops_the_others_with_their_state_saved(
    supervise: Supervise,
) -> None:
    run = supervise(
        f"""
        if index == 1:
            send('failed', message='no candidate', exit_code=4)
            sys.exit({exits.FAILED})
        sys.stdin.read()
        send('saved')
        sys.exit({exits.STOPPED})
        """
    )

    error = run.run(workers=2)

    assert isinstance(error, NothingFeasibleError)
    assert [event["worker"] for event in run.events("saved")] == [0]
    assert len(run.events("stopped")) == 1


def test_a_signal_stops_every_worker(supervise: Supervise) -> None:
    run = supervise(
        f"send('look', trial=0); sys.stdin.read(); send('saved'); sys.exit({exits.STOPPED})"
    )

    def interrupt(event: Event) -> None:
        if len(run.events("look")) == 2 and event["event"] == "look":
            os.kill(os.getpid(), signal.SIGTERM)

    run.screen.on_event = interrupt

    error = run.run(workers=2)

    assert isinstance(error, StoppedError)
    assert error.exit_code == 143
    assert sorted(event["worker"] for event in run.events("saved")) == [0, 1]


@pytest.mark.parametrize("last_heard", ["trial_taken", "trial_started"])
def test_a_worker_that_hangs_in_a_trial_is_ended_and_the_trial_is_out_of_time(
    supervise: Supervise, monkeypatch: pytest.MonkeyPatch, last_heard: str
) -> None:
    run = supervise(f"if life == 0: send('{last_heard}', trial=0); time.sleep(600)")
    limited = {**FACTS, "budget": {**FACTS["budget"], "trial_time_s": 0.1}}
    write_run_facts(run.folder, "", limited)
    study = create_study(run.folder.journal, {"val_accuracy": "max"})
    study.add_trial({}, {}, parameters=1, macs=1)
    study.note(0, before={"total": 1_000.0, "fit": 900.0})  # when it was saved last
    monkeypatch.setattr(budget, "LEAST_PATIENCE_S", 0.2)

    assert run.run() is None
    (trial,) = study.trials()
    assert (trial.state, trial.failed) == ("timed_out", True)
    assert (trial.seconds["fit"], trial.seconds["total"] > 1_000) == (900, True)
    (ended,) = run.events("trial_ended")
    assert (ended["trial"], ended["state"]) == (0, "timed_out")
    assert run.events("worker_ended")[0]["reason"] == "killed by signal 9"


def test_the_trial_of_an_ended_worker_that_another_has_taken_up_goes_on(
    supervise: Supervise, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = supervise("if life == 0: send('trial_taken', trial=0); time.sleep(600)")
    limited = {**FACTS, "budget": {**FACTS["budget"], "trial_time_s": 0.1}}
    write_run_facts(run.folder, "", limited)
    study = create_study(run.folder.journal, {"val_accuracy": "max"})
    study.add_trial({}, {}, parameters=1, macs=1, worker=1)
    monkeypatch.setattr(budget, "LEAST_PATIENCE_S", 0.2)

    assert run.run() is None
    assert study.unfinished() == {0}
    assert run.events("trial_ended") == []


@pytest.mark.parametrize("last_heard", ["trial_taken", "trial_started"])
@pytest.mark.parametrize(("kills", "starved"), [((0, 1), True), ((7, 7), False)])
def test_a_worker_that_the_system_killed_for_memory_is_told_from_others(
    supervise: Supervise,
    monkeypatch: pytest.MonkeyPatch,
    kills: tuple[int, int],
    starved: bool,
    last_heard: str,
) -> None:
    run = supervise(
        f"if life == 0: send('{last_heard}', trial=0); os.kill(os.getpid(), signal.SIGKILL)"
    )
    study = create_study(run.folder.journal, {"val_accuracy": "max"})
    study.add_trial({}, {}, parameters=1, macs=1)
    monkeypatch.setattr(crew, "memory_kills", lambda: kills[0])
    monkeypatch.setattr(starved_module, "memory_kills", lambda: kills[1])

    assert run.run() is None
    assert study.trials()[0].starved == starved
    reason = "killed by the system for want of memory" if starved else "killed by signal 9"
    assert run.events("worker_ended")[0]["reason"] == reason


def test_the_time_before_a_kill_is_counted_to_the_second(supervise: Supervise) -> None:
    run = supervise("send('looked', arguments=sys.argv[1:])")
    run.run()
    Heartbeat(run.folder.heartbeat).beat(50.0)
    run.run()

    assert float(run.events("looked")[1]["arguments"][3]) >= 50.0


def test_the_time_is_written_while_nothing_happens(supervise: Supervise) -> None:
    run = supervise("time.sleep(1.5)")
    run.run()

    assert Heartbeat(run.folder.heartbeat).last_s() > 0


def test_no_worker_outlives_a_supervisor_that_fails(supervise: Supervise) -> None:
    run = supervise("send('look', pid=os.getpid()); time.sleep(600)")
    pids = []

    def fail(event: Event) -> None:
        if event["event"] == "look":
            pids.append(event["pid"])
            raise CnnsearchError("the screen is broken")

    run.screen.on_event = fail

    assert str(run.run()) == "the screen is broken"
    with pytest.raises(ProcessLookupError):
        os.kill(pids[0], 0)


def test_a_worker_keeps_the_run_locked(supervise: Supervise) -> None:
    run = supervise(
        """
        import fcntl
        held = [os.readlink(f"/proc/self/fd/{fd}") for fd in os.listdir("/proc/self/fd")
                if os.path.exists(f"/proc/self/fd/{fd}")]
        send('looked', held=any(path.endswith("/night/.lock") for path in held))
        """
    )
    run.run()

    assert run.events("looked")[0]["held"] is True


def test_time_goes_on_on_the_screen_while_the_worker_is_silent(supervise: Supervise) -> None:
    run = supervise("time.sleep(0.7)")
    run.run()

    assert run.screen.ticks >= 1


def test_what_was_recorded_is_json_of_this_run(supervise: Supervise) -> None:
    run = supervise("send('look', trial=0, value=0.5)")
    run.run()

    for line in run.folder.events.read_text(encoding="utf-8").splitlines():
        assert {"time", "elapsed_s", "event"} <= json.loads(line).keys()
