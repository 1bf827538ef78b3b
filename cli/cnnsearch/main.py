"""`cnnsearch`: the list of its commands, and the one place where errors become exit codes.

This module and `commands/*.py` load only the standard library and Typer, so that `--help` is
quick: a command imports what it works with inside its function.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from typing import Annotated

import typer

from cnnsearch import __version__
from cnnsearch.commands.compare import compare
from cnnsearch.commands.datasets import datasets
from cnnsearch.commands.evaluate import evaluate
from cnnsearch.commands.export import export
from cnnsearch.commands.gate import gate
from cnnsearch.commands.inspect import inspect
from cnnsearch.commands.predict import predict
from cnnsearch.commands.report import report
from cnnsearch.commands.resume import resume
from cnnsearch.commands.run import run
from cnnsearch.commands.runs import runs
from cnnsearch.commands.schema import schema
from cnnsearch.commands.show import show
from cnnsearch.commands.spaces import spaces
from cnnsearch.commands.track import track
from cnnsearch.commands.watch import watch
from cnnsearch.errors import CnnsearchError, StoppedError, UsageError, disk_is_full
from cnnsearch.stderr import DEBUG_VARIABLE, debugging

# In the order of `cnnsearch --help`; each is one function in the file of its name in `commands/`.
COMMANDS: tuple[Callable[..., None], ...] = (
    run,
    resume,
    watch,
    track,
    runs,
    show,
    export,
    report,
    predict,
    evaluate,
    compare,
    gate,
    spaces,
    inspect,
    datasets,
    schema,
)

INTERRUPTED = 128 + 2  # as the shell reports SIGINT
INDENT = "      "  # of the lines that go on with one of an error
PIPE_CLOSED = 128 + 13  # as the shell reports SIGPIPE


def _print_version(wanted: bool) -> None:
    if wanted:
        print(f"cnnsearch {__version__}")
        raise typer.Exit


def _options(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version and exit."
        ),
    ] = False,
    debug: Annotated[
        bool, typer.Option("--debug", help=f"Show tracebacks (or set {DEBUG_VARIABLE}=1).")
    ] = False,
) -> None:
    """Find the best convolutional network for your images within your limits."""
    if debug:
        os.environ[DEBUG_VARIABLE] = "1"


def make_app(*commands: Callable[..., None]) -> typer.Typer:
    """Return the Typer app with these commands, each named as its function is."""
    # Typer's Rich help and tracebacks would triple the time of `--help`.
    app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, pretty_exceptions_enable=False)
    app.callback()(_options)
    for command in commands:
        app.command()(command)
    return app


def execute(app: typer.Typer, arguments: Sequence[str]) -> int:
    """Run one command line; return its exit code, with any error told on stderr in words."""
    try:
        code = _invoke(app, arguments)
        sys.stdout.flush()
        return code
    except BrokenPipeError:  # `cnnsearch runs | head -1`: nobody reads on
        _turn_away()
        return PIPE_CLOSED
    except KeyboardInterrupt:
        return INTERRUPTED
    except Exception as error:
        if debugging():
            sys.excepthook(type(error), error, error.__traceback__)
        told = _explained(error)
        _tell_job(arguments, told)
        try:
            _print_error(told.label, str(told))
            sys.stderr.flush()
        except BrokenPipeError:  # `cnnsearch show nosuch 2>&1 | true`
            _turn_away()
        return told.exit_code


def _turn_away() -> None:
    """Let what is left to say go nowhere: Python would fail to write it at its end."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        os.dup2(nowhere, stream.fileno())


def _invoke(app: typer.Typer, arguments: Sequence[str]) -> int:
    try:
        app(args=list(arguments), prog_name="cnnsearch")
    except SystemExit as end:  # Typer ends so, and has told of wrong usage itself (exit code 2)
        if isinstance(end.__context__, BrokenPipeError):
            raise end.__context__ from None
        if words := getattr(end.__context__, "format_message", None):
            _tell_job(arguments, UsageError(words()))
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    return 0


def _tell_job(arguments: Sequence[str], error: CnnsearchError) -> None:
    """Tell the page of a scheduled job, if the command is for one."""
    command = next((word for word in arguments if not word.startswith("-")), "")
    if command == "gate" or "--ci" in arguments:
        from cnnsearch.commands.telling import tell_job

        tell_job(f"cnnsearch {command}", error)


def _explained(error: Exception) -> CnnsearchError:
    """Return the error in the words that are for the user."""
    if isinstance(error, CnnsearchError):
        return error
    if isinstance(error, OSError) and disk_is_full(error):
        where = f" (writing {error.filename})" if error.filename else ""
        advice = "Free some space; `cnnsearch resume` goes on with a run that was stopped by it."
        return StoppedError(f"the disk is full{where}\n{advice}")
    advice = "Run again as `cnnsearch --debug ...` for the traceback, and please report it."
    internal = CnnsearchError(f"{type(error).__name__}: {error}\n{advice}")
    internal.label = "Internal error"
    return internal


def _print_error(label: str, message: str) -> None:
    if sys.stderr.isatty() and not os.environ.get("NO_COLOR"):
        label = f"\033[1;31m{label}\033[0m"
    print(_wrapped(f"{label}: {message}"), file=sys.stderr)


def _wrapped(text: str) -> str:
    """Return the text with its long lines broken between words, where a person reads it."""
    if not sys.stderr.isatty():
        return text
    from shutil import get_terminal_size
    from textwrap import fill

    width = get_terminal_size().columns
    return "\n".join(
        fill(
            line,
            width,
            subsequent_indent=INDENT,
            break_long_words=False,
            break_on_hyphens=False,
        )
        for line in text.splitlines()
    )


def main() -> None:
    """Run `cnnsearch` with the arguments of this process, and exit."""
    sys.exit(execute(make_app(*COMMANDS), sys.argv[1:]))
