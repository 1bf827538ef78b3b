"""Events as plain lines, for logs and for output that is no terminal."""

from __future__ import annotations

from collections.abc import Callable

from cnnsearch.records.events import SEARCHED
from cnnsearch.records.tally import state_words, tally
from cnnsearch.screen import wording
from cnnsearch.screen.board import Board, interrupted
from cnnsearch.screen.fields import Event, finite, number, printable, section, text, whole
from cnnsearch.screen.summary_fields import trials_of
from cnnsearch.space.quantities import plural

Describe = Callable[[Board, Event], str | None]


def describe(board: Board, event: Event) -> str | None:
    """Return what `event` says in one line, or None when it needs none.

    Args:
        board: The state after the event, for what the event itself does not repeat.
        event: Any event; one without its keys gets a shorter line.
    """
    writer = _WRITERS.get(str(event.get("event")))
    return None if writer is None else writer(board, event)


def _run_started(board: Board, event: Event) -> str:
    verb = "goes on" if event.get("resumed") else "started"
    words = f"run {text(event, 'run') or ''} {verb}".replace("  ", " ")
    dataset = section(event, "dataset")
    about = (("space", text(event, "space")), ("data", text(dataset, "name")))
    parts = [f"{name} {value}" for name, value in about if value]
    if board.budget.time_s is not None:
        parts.append(f"{wording.duration(board.budget.time_s)} at most")
    if board.budget.trials is not None:
        parts.append(f"{plural(board.budget.trials, 'trial')} at most")
    parts += [f"on {board.device}"] if board.device else []
    return f"{words}: {', '.join(parts)}" if parts else words


def _worker_ready(board: Board, event: Event) -> str:
    device = text(event, "device")
    return "worker ready" + (f" on {device}" if device else "")


def _worker_ended(board: Board, event: Event) -> str | None:
    if whole(event, "exit_code") == SEARCHED:
        return None
    return f"worker ended: {text(event, 'reason') or 'no reason known'}"


def _began_with(board: Board, event: Event) -> str:
    return f"learns from {trials_of(event)}"


def _worker_started(board: Board, event: Event) -> str | None:
    return "a new worker goes on" if board.worker_died else None


def _trial_started(board: Board, event: Event) -> str:
    step = whole(event, "step") or 0
    parent = whole(event, "parent")
    verb = f"goes on from step {step:,}" if step else "started"
    if parent is not None and step:
        verb += f" (first weights: trial {parent}'s)"
    return f"{_name(event)} {verb}" + _costs(board, event)


def _measured(board: Board, event: Event) -> str:
    return f"{_name(event)} measured: {wording.costs(None, None, section(event, 'latencies'))}"


def _look(board: Board, event: Event) -> str | None:
    if text(event, "verdict") in ("pruned", "complete", "stopped"):
        return None  # `trial_ended` tells it
    if text(event, "verdict") == "paused":
        words = f"{_name(event)} leads at step {_step(event)} and waits for challengers"
        return f"{words}: {_value(board, event)}"
    return f"{_name(event)} goes on at step {_step(event)}: {_value(board, event)}"


def _trial_ended(board: Board, event: Event) -> str:
    state = state_words(text(event, "state") or "ended")
    trial = board.trials.get(whole(event, "trial") or 0)
    step = whole(event, "step") if trial is None else trial.step
    words = f"{_name(event)} {state} at step {wording.whole_number(step)}"
    message = text(event, "message")
    parts = [_value(board, event)] if number(event, "value") is not None else []
    if parts and trial is not None and trial.scored_step not in (None, step):
        parts[0] += f" at step {trial.scored_step:,}"
    parts += [message] if message else []
    return (f"{words}: {'; '.join(parts)}" if parts else words) + _costs(
        board, event, in_round=True
    )


def _infeasible(board: Board, event: Event) -> str:
    reasons = ", ".join(
        f"{printable(reason)} ({count})" for reason, count in section(event, "reasons").items()
    )
    words = f"{wording.outside(board.infeasible)} so far, drawn again"
    return f"{words}: {reasons}" if reasons else words


def _search_ended(board: Board, event: Event) -> str:
    return f"search ended: {text(event, 'message') or 'no reason known'}"


def _phase(board: Board, event: Event) -> str | None:
    trial = whole(event, "trial")
    winner = "the winner" if trial is None else f"trial {trial}"
    phases = {
        "finish": wording.finishing(winner, anneals=event.get("anneals") is not False),
        "export": f"exporting {winner}",
        "done": f"done: {tally(board.counts())}",
    }
    return phases.get(board.phase)


def _finished(board: Board, event: Event) -> str:
    anneals = None if board.finish is None else board.finish.anneals
    return wording.finished(event, board.objective, anneals=anneals)


def _tested(board: Board, event: Event) -> str:
    return f"test accuracy {wording.accuracy(event)}"


def _exported(board: Board, event: Event) -> str:
    return wording.export(event, text(board.run, "folder"))


def _stopping(board: Board, event: Event) -> str:
    return f"{board.stopping}: saving and stopping"


def _stopped(board: Board, event: Event) -> str | None:
    if interrupted(event):
        return None
    return f"stopped: {text(event, 'reason') or 'no reason given'}"


def _warning(board: Board, event: Event) -> str:
    return f"warning: {text(event, 'message') or ''}"


def _name(event: Event) -> str:
    index = whole(event, "trial")
    return "trial ?" if index is None else f"trial {index}"


def _step(event: Event) -> str:
    return wording.whole_number(finite(event, "step"))


def _value(board: Board, event: Event) -> str:
    return f"{board.objective} {wording.score(number(event, 'value'))}"


def _costs(board: Board, event: Event, *, in_round: bool = False) -> str:
    trial = board.trials.get(whole(event, "trial") or 0)
    costs = wording.costs(trial.parameters, trial.macs, trial.latencies) if trial else ""
    return "" if not costs else f" ({costs})" if in_round else f": {costs}"


_WRITERS: dict[str, Describe] = {
    "run_started": _run_started,
    "began_with": _began_with,
    "worker_started": _worker_started,
    "worker_ready": _worker_ready,
    "worker_ended": _worker_ended,
    "trial_started": _trial_started,
    "measured": _measured,
    "look": _look,
    "trial_ended": _trial_ended,
    "infeasible": _infeasible,
    "search_ended": _search_ended,
    "phase": _phase,
    "finished": _finished,
    "tested": _tested,
    "exported": _exported,
    "stopping": _stopping,
    "stopped": _stopped,
    "warning": _warning,
}
