from __future__ import annotations

import errno
import os
import subprocess
import sys
from collections.abc import Callable

import pytest
import typer

from cnnsearch import __version__
from cnnsearch.errors import (
    AllTrialsFailedError,
    CnnsearchError,
    NothingFeasibleError,
    Problem,
    RunError,
    SpaceError,
    StoppedError,
    UsageError,
)
from cnnsearch.main import COMMANDS, execute, make_app


def raising(error: BaseException) -> typer.Typer:
    """Return an app whose one command, `boom`, ends with `error`."""

    def boom() -> None:
        raise error

    return make_app(boom)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (CnnsearchError("m"), 1),
        (UsageError("m"), 2),
        (RunError("m"), 2),
        (SpaceError("s.yaml", [Problem("s.yaml:1:1", "data", "missing")]), 2),
        (NothingFeasibleError("m"), 4),
        (AllTrialsFailedError("m"), 5),
        (StoppedError("m"), 75),
    ],
)
def test_an_error_of_ours_is_told_and_ends_with_its_own_code(
    error: CnnsearchError, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    exit_code = execute(raising(error), ["boom"])

    assert exit_code == code
    assert capsys.readouterr() == ("", f"Error: {error}\n")


def test_a_command_that_returns_ends_with_zero() -> None:
    def fine() -> None:
        return None

    assert execute(make_app(fine), ["fine"]) == 0


def test_a_command_may_choose_its_exit_code() -> None:
    assert execute(raising(typer.Exit(3)), ["boom"]) == 3


@pytest.mark.parametrize("arguments", [["no-such-command"], ["boom", "--no-such-option"]])
def test_wrong_usage_ends_with_two_and_names_the_help(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    exit_code = execute(raising(ValueError()), arguments)

    assert exit_code == 2
    assert "--help" in capsys.readouterr().err


def test_an_unforeseen_error_is_internal_and_shows_no_traceback(
    capsys: pytest.CaptureFixture[str],
) -> None:
    exit_code = execute(raising(ValueError("seven")), ["boom"])

    told = capsys.readouterr().err
    assert exit_code == 1
    assert told.startswith("Internal error: ValueError: seven\n")
    assert "cnnsearch --debug" in told
    assert "Traceback" not in told


@pytest.mark.parametrize("error", [ValueError("seven"), UsageError("seven")])
def test_debug_shows_the_traceback_and_keeps_the_message(
    error: Exception, capsys: pytest.CaptureFixture[str]
) -> None:
    execute(raising(error), ["--debug", "boom"])

    told = capsys.readouterr().err
    assert "Traceback (most recent call last)" in told
    assert told.count("rror: seven") >= 2


def test_debug_can_be_set_in_the_environment(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CNNSEARCH_DEBUG", "1")

    execute(raising(ValueError("seven")), ["boom"])

    assert "Traceback" in capsys.readouterr().err


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_stops_with_advice(number: int, capsys: pytest.CaptureFixture[str]) -> None:
    error = OSError(number, os.strerror(number), "runs/a/run.json")

    exit_code = execute(raising(error), ["boom"])

    told = capsys.readouterr().err
    assert exit_code == 75
    assert "the disk is full (writing runs/a/run.json)" in told
    assert "Free some space" in told


def test_other_trouble_with_files_is_internal(capsys: pytest.CaptureFixture[str]) -> None:
    assert execute(raising(OSError(errno.EIO, "bad sector")), ["boom"]) == 1
    assert "bad sector" in capsys.readouterr().err


def test_ctrl_c_ends_with_130_and_no_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    exit_code = execute(raising(KeyboardInterrupt()), ["boom"])

    assert exit_code == 130
    assert "Traceback" not in capsys.readouterr().err


def test_a_message_has_no_colour_when_it_goes_to_a_file(
    capsys: pytest.CaptureFixture[str],
) -> None:
    execute(raising(UsageError("m")), ["boom"])

    assert "\033" not in capsys.readouterr().err


@pytest.mark.parametrize(("no_color", "coloured"), [("", True), ("1", False)])
def test_a_message_has_colour_on_a_terminal_unless_told_otherwise(
    no_color: str,
    coloured: bool,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setenv("NO_COLOR", no_color)

    execute(raising(UsageError("m")), ["boom"])

    assert ("\033" in capsys.readouterr().err) is coloured


@pytest.mark.parametrize("lines", [1, 100_000])
def test_a_reader_that_stops_reading_is_no_error(lines: int) -> None:
    program = (
        "import sys\n"
        "from cnnsearch.main import COMMANDS, execute, make_app\n"
        f"def speak() -> None: print('word\\n' * {lines})\n"
        "sys.stdin.read()\n"
        "sys.exit(execute(make_app(speak), ['speak']))\n"
    )
    pipe = subprocess.PIPE
    with subprocess.Popen(
        [sys.executable, "-c", program], stdin=pipe, stdout=pipe, stderr=pipe, text=True
    ) as speaker:
        assert speaker.stdin is not None
        assert speaker.stdout is not None
        assert speaker.stderr is not None
        speaker.stdout.close()
        speaker.stdin.close()
        told = speaker.stderr.read()

    assert speaker.returncode == 141
    assert told == ""


@pytest.mark.parametrize(("arguments", "code"), [(["boom"], 2), (["boom", "--nosuch"], 141)])
def test_an_error_that_nobody_reads_keeps_its_code(arguments: list[str], code: int) -> None:
    program = (
        "import sys\n"
        "from cnnsearch.errors import UsageError\n"
        "from cnnsearch.main import execute, make_app\n"
        "def boom() -> None: raise UsageError('no')\n"
        "sys.stdin.read()\n"
        f"sys.exit(execute(make_app(boom), {arguments!r}))\n"
    )
    pipe = subprocess.PIPE
    with subprocess.Popen(
        [sys.executable, "-c", program], stdin=pipe, stdout=pipe, stderr=subprocess.STDOUT
    ) as speaker:
        assert speaker.stdin is not None
        assert speaker.stdout is not None
        speaker.stdout.close()
        speaker.stdin.close()

    assert speaker.returncode == code


def test_a_long_error_is_broken_between_words_on_a_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail() -> None:
        raise UsageError("first line\n  a.yaml:1:1  architecture.stages  means something only here")

    monkeypatch.setenv("COLUMNS", "40")
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    monkeypatch.setenv("NO_COLOR", "1")
    execute(make_app(fail, fail), ["fail"])

    assert capsys.readouterr().err.splitlines() == [
        "Error: first line",
        "  a.yaml:1:1  architecture.stages  means",
        "      something only here",
    ]


def test_version_goes_to_stdout(
    cnnsearch: Callable[..., subprocess.CompletedProcess[str]],
) -> None:
    result = cnnsearch("--version")

    assert (result.returncode, result.stdout, result.stderr) == (
        0,
        f"cnnsearch {__version__}\n",
        "",
    )


def test_every_command_has_a_file_of_its_name_and_says_what_it_does(
    cnnsearch: Callable[..., subprocess.CompletedProcess[str]],
) -> None:
    for command in COMMANDS:
        name = command.__name__
        first_line = (command.__doc__ or "").splitlines()[0]

        assert command.__module__ == f"cnnsearch.commands.{name}"
        assert first_line in cnnsearch(name, "--help").stdout
        assert first_line[:40] in cnnsearch("--help").stdout
