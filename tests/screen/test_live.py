"""A run is shown on a terminal as a screen, elsewhere as lines, and never disturbed by either."""

from __future__ import annotations

import os
from contextlib import suppress
from io import StringIO, TextIOWrapper

import pytest
from rich.console import Console

from cnnsearch.screen.board import Board
from cnnsearch.screen.fields import Event
from cnnsearch.screen.lines import describe
from cnnsearch.screen.live import LineLog, LiveScreen, Screen, open_screen

ERASE_LINE = "\x1b[2K"


class Terminal(StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


class FullDisk(StringIO):
    """A stream that takes nothing."""

    def write(self, text: str) -> int:
        raise OSError(28, "No space left on device")


def log_of(events: list[Event]) -> list[str]:
    stream = StringIO()
    with LineLog(stream) as log:
        for event in events:
            log.handle(event)
    return stream.getvalue().splitlines()


@pytest.fixture(autouse=True)
def _no_ci(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")


def test_a_terminal_gets_the_screen() -> None:
    assert isinstance(open_screen(Console(file=Terminal())), LiveScreen)


def test_a_pipe_gets_lines_whatever_colours_are_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")

    assert isinstance(open_screen(Console(file=StringIO())), LineLog)


@pytest.mark.parametrize(("name", "value"), [("TERM", "dumb"), ("CI", "true"), ("CI", "1")])
def test_a_terminal_that_no_person_reads_gets_lines(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setitem(os.environ, name, value)

    assert isinstance(open_screen(Console(file=Terminal())), LineLog)


def test_the_choice_can_be_made_by_hand() -> None:
    assert isinstance(open_screen(Console(file=Terminal()), plain=True), LineLog)
    assert isinstance(open_screen(Console(file=StringIO()), plain=False), LiveScreen)


def test_the_screen_ends_with_the_last_state(
    search_events: list[Event], end_events: list[Event]
) -> None:
    stream = Terminal()
    with LiveScreen(Console(file=stream, width=100, height=30, color_system=None)) as screen:
        for event in search_events + end_events:
            screen.handle(event)
        screen.tick()

    assert "test accuracy 0.8965" in stream.getvalue().rpartition("cnnsearch")[2]


def test_a_watched_run_that_was_killed_is_not_said_to_go_on(search_events: list[Event]) -> None:
    stream = Terminal()
    console = Console(file=stream, width=100, height=30, color_system=None)
    with LiveScreen(console, watching=True) as screen:
        for event in search_events:
            screen.handle(event)
    last = stream.getvalue().rpartition("cnnsearch")[2]

    assert "trial 6" in last
    assert "the run goes on" not in last


def test_a_run_that_is_no_longer_watched_is_said_to_go_on(search_events: list[Event]) -> None:
    stream = Terminal()
    console = Console(file=stream, width=100, height=30, color_system=None)
    with suppress(KeyboardInterrupt), LiveScreen(console, watching=True) as screen:
        screen.handle(search_events[0])
        raise KeyboardInterrupt

    assert "the run goes on" in stream.getvalue().rpartition("cnnsearch")[2]


@pytest.mark.parametrize(
    ("done", "stdout", "stays"),
    [(True, Terminal(), False), (False, Terminal(), True), (True, StringIO(), True)],
)
def test_the_screen_makes_room_only_for_a_result_that_follows(
    search_events: list[Event],
    end_events: list[Event],
    monkeypatch: pytest.MonkeyPatch,
    done: bool,
    stdout: StringIO,
    stays: bool,
) -> None:
    monkeypatch.setattr("sys.stdout", stdout)
    stream = Terminal()
    with LiveScreen(Console(file=stream, width=100, height=30, color_system=None)) as screen:
        for event in search_events + (end_events if done else end_events[:-1]):
            screen.handle(event)
    after_the_last_line = stream.getvalue().rpartition("\n")[2]

    assert (ERASE_LINE not in after_the_last_line) is stays


def test_events_within_a_moment_are_drawn_once(
    search_events: list[Event], monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = 100.0
    monkeypatch.setattr("cnnsearch.screen.live.time.monotonic", lambda: clock)
    stream = Terminal()
    with LiveScreen(Console(file=stream, width=100, height=30)) as screen:
        for event in search_events:
            screen.handle(event)
        drawn_at_once = stream.getvalue().count("trial 6")
        clock += 0.3
        screen.tick()
        screen.tick()
        drawn_later = stream.getvalue().count("trial 6")

    assert (drawn_at_once, drawn_later) == (0, 1)


def test_what_is_printed_to_stdout_stays_there(capsys: pytest.CaptureFixture[str]) -> None:
    with LiveScreen(Console(file=Terminal(), width=100, height=30)):
        print("data")

    assert capsys.readouterr().out == "data\n"


@pytest.mark.parametrize("closed", [True, False])
@pytest.mark.parametrize("kind", ["live", "lines"])
def test_a_stream_that_fails_does_not_stop_the_run(
    kind: str, closed: bool, search_events: list[Event]
) -> None:
    stream = StringIO() if closed else FullDisk()
    screen: Screen = LineLog(stream)
    if kind == "live":
        screen = LiveScreen(Console(file=stream, force_terminal=True))
    with screen:
        if closed:
            stream.close()
        for event in search_events:
            screen.handle(event)
        screen.tick()

    assert len(screen.board.in_flight) == 1


def test_an_event_is_a_line(search_events: list[Event], end_events: list[Event]) -> None:
    lines = log_of(search_events + end_events)

    assert lines[0] == "      0s  run night-1 started: space small, data fashion, 3m at most"
    assert lines[3] == "     12s  trial 0 started: 61.7k parameters, 2.1M MACs"
    pruned = "trial 1 pruned at step 140: val_accuracy 0.7000 (61.7k parameters, 2.1M MACs)"
    assert any(line.endswith(f"  {pruned}") for line in lines)
    assert any("trial 2 diverged at step 140: the loss is NaN" in line for line in lines)
    assert lines[-1] == ("  2m 37s  done: 7 trials: 2 complete, 4 pruned, 1 failed (1 diverged)")


def test_measured_times_are_a_line_and_so_is_a_limit_that_they_break() -> None:
    latencies = {"latency": 7.251, "latency_batch64": 0.3}
    ended = {"state": "over_limit", "value": None, "step": 0, "message": "latency 7.25 ms > 5 ms"}

    log = log_of(
        [
            {"event": "measured", "trial": 3, "latencies": latencies},
            {"event": "trial_ended", "trial": 3, **ended},
        ]
    )

    times = "latency 7.25 ms, latency_batch64 300 us"
    assert [line.split("  ")[-1] for line in log] == [
        f"trial 3 measured: {times}",
        f"trial 3 over limit at step 0: latency 7.25 ms > 5 ms ({times})",
    ]


def test_progress_is_no_line() -> None:
    assert log_of([{"event": "progress", "trial": 1, "step": 4}]) == []


def test_a_dead_worker_is_told_and_that_a_new_one_goes_on() -> None:
    lines = log_of(
        [
            {"event": "worker_started", "pid": 7},
            {"event": "worker_ended", "exit_code": -9, "reason": "killed by signal 9"},
            {"event": "worker_started", "pid": 8},
        ]
    )

    assert [line.strip() for line in lines] == [
        "0s  worker ended: killed by signal 9",
        "0s  a new worker goes on",
    ]


def test_an_interrupt_is_told_once() -> None:
    lines = log_of(
        [
            {"event": "stopping", "reason": "SIGINT"},
            {"event": "stopped", "reason": "SIGINT", "exit_code": 130},
        ]
    )

    assert [line.strip() for line in lines] == ["0s  SIGINT: saving and stopping"]


def test_a_stop_that_nobody_asked_for_has_its_reason() -> None:
    lines = log_of([{"event": "stopped", "reason": "the disk is full", "exit_code": 75}])

    assert [line.strip() for line in lines] == ["0s  stopped: the disk is full"]


def test_a_winner_that_needs_no_finish_says_that_it_is_not_annealed() -> None:
    ended = {"event": "finished", "trial": 3, "value": 0.9, "annealed_steps": 0, "anneals": False}

    words = "trial 3 stays as it was scored: after so long a training it is not annealed"
    assert log_of([ended])[-1].strip() == f"0s  {words}"


def finishing(*, anneals: bool) -> Event:
    return {"event": "phase", "phase": "finish", "trial": 3, "anneals": anneals}


def test_a_winner_that_is_not_annealed_is_looked_at_where_it_stands() -> None:
    annealed, looked_at = (log_of([finishing(anneals=anneals)]) for anneals in (True, False))

    assert annealed == ["      0s  finishing trial 3: learning rate goes down to zero"]
    assert looked_at == ["      0s  finishing trial 3: a look where the search left it"]


@pytest.mark.parametrize(
    ("began", "reason"),
    [
        ([], "no time was left to finish it"),
        ([{"event": "phase", "phase": "finish", "trial": 3}], "annealing made it no better"),
        ([finishing(anneals=True)], "annealing made it no better"),
        ([finishing(anneals=False)], "after so long a training it is not annealed"),
        ([{"event": "phase", "phase": "search"}], "no time was left to finish it"),
    ],
    ids=["no time", "of an earlier version", "annealed", "looked at", "no phase"],
)
def test_a_winner_that_stays_as_it_was_says_why(began: list[Event], reason: str) -> None:
    ended: Event = {"event": "finished", "trial": 3, "value": 0.9, "annealed_steps": 0}

    last = log_of([*began, ended])[-1].strip()

    assert last == f"0s  trial 3 stays as it was scored: {reason}"


@pytest.mark.parametrize(
    ("anneals", "more"), [(True, "; annealing made it no better"), (False, "")]
)
def test_a_winner_that_got_better_after_its_last_look_says_at_which_step(
    anneals: bool, more: str
) -> None:
    ended = {"trial": 3, "value": 0.891, "started_from": 0.865, "step": 561, "annealed_steps": 0}
    ended |= {"scored_step": 420}

    last = log_of([finishing(anneals=anneals), {"event": "finished", **ended}])[-1]

    words = "trial 3 finished: val_accuracy 0.8910 at step 561, after 141 more steps in the search"
    assert last == f"      0s  {words} (before: 0.8650 at step 420){more}"


def test_a_trial_that_is_cut_short_past_its_last_look_does_not_go_backwards() -> None:
    events: list[Event] = [
        {"event": "look", "trial": 3, "step": 420, "value": 0.865, "verdict": "goes on"},
        {"event": "trial_started", "trial": 3, "step": 561},
        {"event": "trial_ended", "trial": 3, "step": 420, "value": 0.865, "state": "stopped"},
    ]

    assert [line.strip() for line in log_of(events)] == [
        "0s  trial 3 goes on at step 420: val_accuracy 0.8650",
        "0s  trial 3 goes on from step 561",
        "0s  trial 3 cut short at step 561: val_accuracy 0.8650 at step 420",
    ]


def test_a_look_that_ends_a_trial_is_told_once() -> None:
    looks: list[Event] = [
        {"event": "look", "trial": 1, "step": 140, "value": 0.7, "verdict": "goes on"},
        {"event": "look", "trial": 1, "step": 420, "value": 0.75, "verdict": "pruned"},
        {"event": "trial_ended", "trial": 1, "step": 420, "value": 0.75, "state": "pruned"},
    ]

    assert [line.strip() for line in log_of(looks)] == [
        "0s  trial 1 goes on at step 140: val_accuracy 0.7000",
        "0s  trial 1 pruned at step 420: val_accuracy 0.7500",
    ]


def test_infeasible_candidates_are_told_when_they_have_doubled() -> None:
    lines = log_of([{"event": "infeasible", "count": count} for count in range(1, 101)])

    assert [line.split()[1] for line in lines] == ["1", "2", "4", "8", "16", "32", "64"]


def test_what_was_before_is_known_and_not_told_again(search_events: list[Event]) -> None:
    stream = StringIO()
    log = LineLog(stream)
    log.recall(search_events)
    log.handle({"event": "trial_ended", "trial": 6, "state": "pruned", "value": 0.5, "step": 140})

    assert len(stream.getvalue().splitlines()) == 1
    assert len(log.board.best()) == 5


def test_a_log_without_unicode_gets_ascii(ascii_stream: TextIOWrapper) -> None:
    LineLog(ascii_stream).handle({"event": "warning", "message": "Möbel … 椅"})
    ascii_stream.seek(0)

    assert ascii_stream.read() == "      0s  warning: M?bel . ??\n"


@pytest.mark.parametrize("verdict", ["pruned", "complete", "stopped"])
def test_a_look_that_ends_its_trial_is_told_by_the_end_alone(verdict: str) -> None:
    look = {"event": "look", "trial": 1, "step": 140, "value": 0.7, "verdict": verdict}

    assert describe(Board(), look) is None


def test_why_the_search_ended_is_a_line() -> None:
    ended = {"event": "search_ended", "reason": "trials", "message": "3 trials were made"}

    assert describe(Board(), ended) == "search ended: 3 trials were made"
