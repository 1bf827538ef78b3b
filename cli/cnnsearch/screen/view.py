"""A board drawn for a terminal of 60 columns and 16 lines or more."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.table import Table
from rich.text import Text

from cnnsearch.records.tally import Counts, ended, left, tally
from cnnsearch.screen import wording
from cnnsearch.screen.bars import NARROWEST, WIDEST, Gauge
from cnnsearch.screen.board import Board, interrupted
from cnnsearch.screen.fields import Event, number, section, text, whole
from cnnsearch.screen.terminal import Plainly
from cnnsearch.screen.trial_state import BEST_COUNT, TrialState
from cnnsearch.screen.trial_table import TrialSettings, TrialTable, trial_settings
from cnnsearch.space.constraints import LATENCIES
from cnnsearch.space.quantities import plural

LABEL_WIDTH = 16  # "to full training"
LEGEND_COLUMNS = 80  # from here on there is room to say what the end of the time is kept for
LEGEND = ", ░ kept for the winner"
AIRY_LINES = 23  # from here on there is room for blank lines
BLANK_LINES = 3  # of them, at most
TRIAL_LINES = 5  # of them those of one trial that is being trained
FIXED_LINES = 13  # what is drawn besides blank lines and the best trials, at most
HINT = "Ctrl-C stops and saves; twice: at once"
WATCHING = "watching: Ctrl-C ends only this view; the run goes on"


class View:
    """Draws `board` as it stands `since_s` seconds after its last event.

    Args:
        watching: Whether the run belongs to another process: Ctrl-C does nothing to it then.
        alive: Whether a process works on the run, for all that is known.
    """

    def __init__(
        self, board: Board, since_s: float = 0.0, *, watching: bool = False, alive: bool = True
    ) -> None:
        self.board = board
        self.watching = watching
        self.alive = alive and not board.ended
        self.since_s = max(0.0, since_s) if self.alive else 0.0

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        width = options.max_width
        height = options.height or console.height
        groups = [
            self._header(),
            [self._budget(width), *self._work(width, height)],
            self._best(height),
            self._footer(width),
        ]
        lines: list[RenderableType] = []
        for group in groups:
            if lines and group and height >= AIRY_LINES:
                lines.append(Text())
            lines.extend(group)
        yield Plainly(Group(*lines))

    def _header(self) -> list[RenderableType]:
        run = self.board.run
        title = Text("cnnsearch", "bold cyan")
        for word, style in ((text(run, "run"), "bold"), (self.board.device, "dim")):
            title.append("  ").append(word or "", style)
        space, data = text(run, "space"), describe_dataset(section(run, "dataset"))
        about = " on ".join(part for part in (space, data) if part)
        return [_line(title), _line(Text(about))] if about else [_line(title)]

    def _budget(self, width: int) -> RenderableType:
        board = self.board
        now_s = board.elapsed_s + self.since_s
        if board.budget.time_s:
            left_s = board.time_left_s(self.since_s)
            words = f"{wording.duration(left_s)} left of {wording.duration(board.budget.time_s)}"
            if board.ended:
                words = f"{wording.duration(now_s)} of {wording.duration(board.budget.time_s)}"
            reserve_s = board.budget.reserve_s
            if reserve_s and width >= LEGEND_COLUMNS and not board.ended:
                words += LEGEND
            return _gauge(width, "time", words, now_s, board.budget.time_s, reserve=reserve_s or 0)
        if board.budget.trials:
            done = ended(board.counts())
            words = f"{done:,} of {plural(board.budget.trials, 'trial')} done"
            words += f", {wording.duration(now_s)}"
            return _gauge(width, "trials", words, done, board.budget.trials)
        return _line(Text(f"{'time':{LABEL_WIDTH}} {wording.duration(now_s)}"))

    def _work(self, width: int, height: int) -> list[RenderableType]:
        """Return what is going on: a trial, the winner's finish, or the result."""
        board = self.board
        if board.phase in ("finish", "export", "done") or board.tested:
            return [*self._finish(width), *self._result()]
        if len(board.in_flight) == 1:
            return self._trial(board.in_flight[0], width)
        if board.in_flight:
            return self._trials(width, height)
        if board.stopped is not None:
            return []
        ready = "ready" in board.workers.values()
        workers = len(board.workers)
        starting = f"starting {plural(workers, 'worker')}" if workers > 1 else "starting the worker"
        idle = "choosing the next trial" if ready else starting
        return [_line(Text(idle, "dim"))]

    def _trial(self, trial: TrialState, width: int) -> list[RenderableType]:
        title = Text(f"trial {trial.number}".ljust(LABEL_WIDTH + 1), "bold")
        costs = wording.costs(trial.parameters, trial.macs, trial.latencies)
        title.append(costs, "not bold")
        lines: list[RenderableType] = [
            _line(title),
            _steps(width, "to next look", trial.step, trial.next_look),
        ]
        if trial.top_step is not None:
            lines.append(_steps(width, "to full training", trial.step, trial.top_step))
        lines.append(_measures(trial.loss, trial.accuracy, trial.images_per_s))
        if trial.settings:
            lines.insert(1, _line(Text(self._settings([trial]).words[0], "dim")))
        return lines

    def _trials(self, width: int, height: int) -> list[RenderableType]:
        """Return two lines for each of several trials, one where there is little room."""
        trials = self.board.in_flight
        best = min(len(self.board.best()), max(1, height - FIXED_LINES))
        blank = BLANK_LINES if height >= AIRY_LINES else 0
        room = max(2, height - FIXED_LINES + TRIAL_LINES - best - blank)
        shown = trials if len(trials) <= room else trials[: room - 1]
        lines: list[RenderableType] = []
        for trial, settings in zip(shown, self._settings(shown).words, strict=True):
            lines.append(_steps(width, f"trial {trial.number}", trial.step, trial.next_look))
            if 2 * len(trials) <= room:
                lines.append(_line(Text(settings, "dim")))
        if len(shown) < len(trials):
            lines.append(_line(Text(f"and {len(trials) - len(shown)} more trials", "dim")))
        return lines

    def _settings(self, shown: Sequence[TrialState]) -> TrialSettings:
        """Return the settings of trials in words."""
        trials = self.board.trials
        every = [trials[number].settings for number in sorted(trials)]
        return trial_settings([trial.settings for trial in shown], every, min(trials, default=0))

    def _finish(self, width: int) -> Iterator[RenderableType]:
        board, finish = self.board, self.board.finish
        if board.ended_because:
            yield _line(Text(f"search ended: {board.ended_because}", "dim"))
        if finish is None:
            return
        name = "the winner" if finish.trial is None else f"trial {finish.trial}"
        if finish.ended is not None:
            told = wording.finished(finish.ended, board.objective, anneals=finish.anneals)
            yield _line(Text(told))
        elif board.phase == "finish":
            anneals = finish.anneals is not False
            yield _line(Text(wording.finishing(name, anneals=anneals), "bold"))
            if anneals:
                yield _steps(width, "finish", finish.step, finish.of_step)
                yield _measures(finish.loss, finish.accuracy, None)

    def _result(self) -> Iterator[RenderableType]:
        if self.board.tested:
            words = f"test accuracy {wording.accuracy(self.board.tested)}"
            yield Text(words, "bold green", overflow="fold")
        for export in self.board.exports:
            yield _line(Text(wording.export(export, text(self.board.run, "folder"))))
        if self.board.phase == "export":
            yield _line(Text("exporting", "dim"))

    def _best(self, height: int) -> list[RenderableType]:
        room = height - FIXED_LINES
        front = self.board.front()
        best = front[: max(1, min(BEST_COUNT, room))]
        if not best:
            return []
        latencies = [name for name in self.board.costs if name in LATENCIES]
        first = f"front of {len(front):,}" if self.board.costs else "best"
        columns = [first, self.board.objective, "parameters", "MACs"]
        columns += [*map(wording.heading, latencies), "at step"]
        rows = [
            [
                str(trial.number),
                wording.score(trial.value),
                wording.count(trial.parameters),
                wording.count(trial.macs),
                *(wording.latency(number(trial.latencies, name)) for name in latencies),
                wording.whole_number(trial.scored_step),
            ]
            for trial in best
        ]
        styles = ["bold" if trial in self.board.in_flight else "" for trial in best]
        costs = [*map(wording.heading, self.board.costs)]
        return [TrialTable(columns, rows, self._settings(best), costs, styles)]

    def _footer(self, width: int) -> list[RenderableType]:
        board = self.board
        counts = board.counts() if self.alive else left(board.counts())
        told = describe_counts(counts, board.infeasible, width)
        lines: list[RenderableType] = [_line(Text(told))]
        if board.notice and not board.ended:
            lines.append(_line(Text(board.notice, "yellow")))
        if board.stopped is not None:
            reason = None if interrupted(board.stopped) else text(board.stopped, "reason")
            lines += [Text(f"stopped: {reason}", "yellow", overflow="fold")] if reason else []
        elif not self.alive:
            pass  # nothing can be stopped
        elif board.stopping is not None:
            again = "" if self.watching else "; Ctrl-C again: at once"
            lines.append(_line(Text(f"{board.stopping}: saving and stopping{again}", "yellow")))
        else:
            lines.append(_line(Text(WATCHING if self.watching else HINT, "dim")))
        return lines


def describe_dataset(dataset: Event) -> str:
    """Return `fashion (28x28x1, 10 classes, 9,000 training images)` from what is known."""
    shape = dataset.get("shape")
    classes, train = whole(dataset, "classes"), whole(dataset, "train")
    if isinstance(dataset.get("classes"), (list, tuple)):
        classes = len(dataset["classes"])
    facts = ["x".join(map(str, shape))] if isinstance(shape, (list, tuple)) else []
    facts += [f"{classes:,} classes"] if classes is not None else []
    facts += [f"{train:,} training images"] if train is not None else []
    name = text(dataset, "name") or ""
    return f"{name} ({', '.join(facts)})".strip() if facts else name


def describe_counts(counts: Counts, infeasible: int, width: int) -> str:
    """Return the counts of trials, in full where there is room."""
    full, short = tally(counts), tally(counts, by_kind=False)
    lines = [full, short]
    if infeasible:
        outside = wording.outside(infeasible)
        lines = [
            f"{full}; {outside}",
            f"{short}; {outside}",
            f"{short}; {infeasible:,} outside the limits",
        ]
    return next((line for line in lines if len(line) <= width), lines[-1])


def _steps(width: int, label: str, step: int, of_step: int | None) -> RenderableType:
    """Return a row of steps; without a bar where it is not known how many there will be."""
    words = f"step {step:,}" if of_step is None else f"step {step:,} of {of_step:,}"
    return _gauge(width, label, words, step, of_step)


def _gauge(
    width: int, label: str, words: str, done: float, total: float | None, reserve: float = 0.0
) -> RenderableType:
    """Return a row of label, bar and words, its bar as wide as in every other row."""
    words_width = 44 if width >= LEGEND_COLUMNS else 27
    bar_width = min(WIDEST, max(NARROWEST, width - LABEL_WIDTH - words_width - 2))
    row = Table.grid(padding=(0, 1, 0, 0))
    row.add_column(width=LABEL_WIDTH, no_wrap=True)
    row.add_column(width=bar_width)
    row.add_column(width=words_width, no_wrap=True, overflow="ellipsis")
    row.add_row(Text(label), Gauge(done, total, reserve) if total else Text(), Text(words))
    return row


def _measures(
    loss: float | None, accuracy: float | None, images_per_s: float | None
) -> RenderableType:
    known = [("loss", wording.score(loss), loss), ("accuracy", wording.score(accuracy), accuracy)]
    words = [f"{name} {shown}" for name, shown, value in known if value is not None]
    words += [] if images_per_s is None else [f"{images_per_s:,.0f} images/s"]
    return _line(Text("  ".join(words)))


def _line(content: Text) -> Text:
    """Return `content` kept on one line."""
    content.no_wrap = True
    content.overflow = "ellipsis"
    return content
