"""Keeps a run going: starts and replaces workers, decides who finishes, obeys signals.

TensorFlow is not imported here.
"""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Iterator
from types import FrameType
from typing import IO, NoReturn

from cnnsearch.errors import CnnsearchError, StoppedError, error_of_code
from cnnsearch.machine.processors import count_gpus
from cnnsearch.records.events import Event
from cnnsearch.records.folder import RunFolder
from cnnsearch.tuning import exits
from cnnsearch.tuning.budget import Budget
from cnnsearch.tuning.chronicle import Chronicle, Screen
from cnnsearch.tuning.crew import MOST_IDLE_DEATHS, Crew
from cnnsearch.tuning.crew_size import usual_workers
from cnnsearch.tuning.overdue import end_overdue_trial
from cnnsearch.tuning.place import Place
from cnnsearch.tuning.starved import is_starved, note_starved_trial
from cnnsearch.tuning.words import END, FINISH
from cnnsearch.tuning.worker_process import WorkerProcess

FRESH_FINISH_S = 40.0  # from here on a new worker, with all cores to itself, finishes sooner


class Supervisor:
    """Runs one session of a run, from its first worker to its last.

    Args:
        lock: The run's lock, which every worker keeps too.
        workers: How many search side by side, None: as many as is usual here; one of them, or one
            after them, finishes.
    """

    def __init__(
        self, folder: RunFolder, screen: Screen, lock: IO[bytes], workers: int | None = 1
    ) -> None:
        self._folder = folder
        self._facts = folder.read_facts()
        self._budget = Budget(**self._facts["budget"])
        self._chronicle = Chronicle(folder, screen)
        self._crew = Crew(folder, lock, self._chronicle)
        count = workers or usual_workers(self._budget, self._facts.get("worker_bytes", 0))
        self._places = [Place(index, count) for index in range(count)]
        self._done = False
        self._told: set[str] = set()  # what is told once, whichever worker comes with it
        self._failure: Event | None = None
        self._signals: list[int] = []
        self._asked_to_stop = False

    def run(self) -> None:
        """Work until the run is done.

        Raises:
            CnnsearchError: It stopped or failed; the exit code says how.
        """
        with self._obeying_signals():
            try:
                self._announce()
                self._work(self._places)
                while not self._done:
                    self._work([Place()])
                self._chronicle.record("phase", phase="done")
            finally:
                self._crew.disband()

    def _announce(self) -> None:
        self._chronicle.recall()
        self._chronicle.record(
            "run_started",
            run=self._folder.name,
            folder=str(self._folder.path),
            space=self._facts["space"],
            dataset=self._facts["dataset"],
            budget={
                "time_s": self._budget.time_s,
                "trials": self._budget.trials,
                "reserve_s": self._budget.reserve_s,
            },
            objectives=self._facts["objectives"],
            resumed=bool(self._chronicle.past),
        )
        if not self._chronicle.past:
            self._tell_beginning()
        warning = self._warning()
        if warning is not None:
            self._chronicle.record("warning", message=warning)

    def _tell_beginning(self) -> None:
        """Say which run's trials this one learns from, and what is wrong with them."""
        began_with = self._facts.get("began_with")
        if began_with is None:
            return
        self._chronicle.record("began_with", run=began_with["run"], trials=began_with["trials"])
        for message in began_with["warnings"]:
            self._chronicle.record("warning", message=message)

    def _warning(self) -> str | None:
        """Say before it costs anything that the time will not do."""
        left_s = self._budget.search_until_s - self._chronicle.clock.elapsed_s()
        if self._chronicle.past and left_s <= 0:
            return (
                "the time to search is used up: the best so far is finished and exported; "
                f"for more, stop, and give it: cnnsearch resume {self._folder.called} --budget"
            )
        if not self._chronicle.past and self._budget.is_tight:
            return (
                f"{left_s:.0f} s to search is hardly enough to train one small network; "
                "a budget of 1m or more gives results that mean something"
            )
        return None

    def _work(self, places: list[Place]) -> None:
        """Keep workers in these places until none has anything left to do."""
        for place in places:
            self._crew.start(place)
        while self._crew:
            self._obey()
            self._kill_overdue()
            news = self._crew.next_message()
            if news is None:
                pass
            elif news[1] is None:
                self._see_off(news[0])
            else:
                self._take(news[0], news[1])
            self._chronicle.tick()
        self._refuse_stopped()

    def _take(self, worker: WorkerProcess, message: Event) -> None:
        worker.note(message)
        kind = message.pop("event", "unknown")
        if kind in ("trial_ended", "trial_paused"):
            self._crew.forgive(worker)
        if kind == "trial_taken":
            return  # the worker has taken note; what is told of a trial begins when it is built
        if kind == "search_ended" and not self._is_new(kind):
            return  # workers side by side see it at the same time
        if kind == "searched":
            worker.tell(FINISH if self._is_to_finish(worker) else END)
        elif kind == "failed":
            self._failure = self._failure or message
            self._crew.ask_to_stop()
        else:
            self._chronicle.record(kind, worker=worker.place.index, **message)
        if kind == "worker_ready":
            self._tell_of_unused_gpus(worker)

    def _tell_of_unused_gpus(self, worker: WorkerProcess) -> None:
        """Say once that TensorFlow sees no GPU where there is one: a night on the CPU is lost."""
        if worker.device != "CPU" or not count_gpus() or not self._is_new("unused GPUs"):
            return
        words = (
            "this machine has an NVIDIA GPU, but TensorFlow does not find it and uses the CPU. "
            "To use it: stop, python -m pip install 'tensorflow[and-cuda]', and go on with: "
            f"cnnsearch resume {self._folder.called}; CUDA_VISIBLE_DEVICES=-1 says that you do not"
        )
        self._chronicle.record("warning", message=words)

    def _is_new(self, what: str) -> bool:
        """Tell whether this session has not been told it yet; from now on it has."""
        is_new = what not in self._told
        self._told.add(what)
        return is_new

    def _is_to_finish(self, worker: WorkerProcess) -> bool:
        """Choose the last one to search, unless a new one, with all cores, finishes sooner."""
        if not self._crew.is_last_to_search(worker):
            return False
        left_s = self._budget.finish_until_s - self._chronicle.clock.elapsed_s()
        return worker.place.count == 1 or worker.device != "CPU" or left_s < FRESH_FINISH_S

    def _see_off(self, worker: WorkerProcess) -> None:
        """Decide what follows from how a worker ended."""
        code = self._crew.see_off(worker)
        if code == exits.DONE:
            self._done = True
            self._crew.ask_to_stop()
        elif self._is_stopping:
            return
        elif code == exits.SEARCHED:
            self._record_end(worker, code, "nothing is left to search")
        elif code == exits.REPLACE:
            self._record_end(worker, code, "its memory had grown; a fresh one takes over")
            self._crew.start(worker.place)
        else:
            self._replace_dead(worker, code)

    def _replace_dead(self, worker: WorkerProcess, code: int) -> None:
        reason = f"killed by signal {-code}" if code < 0 else f"ended with exit code {code}"
        if is_starved(worker, code):
            reason = "killed by the system for want of memory"
            note_starved_trial(self._folder, worker)
        if worker.is_overdue:
            end_overdue_trial(self._folder, worker, self._chronicle)
            self._crew.forgive(worker)
        self._record_end(worker, code, reason)
        deaths = 0 if worker.is_overdue else self._crew.count_death(worker)
        if deaths < MOST_IDLE_DEATHS:
            self._crew.start(worker.place)
        elif self._crew:
            words = f"{deaths} workers in a row died ({reason}); the run goes on with the others"
            self._chronicle.record("warning", message=words)
        else:
            self._give_up(f"{deaths} workers in a row died ({reason})")

    def _record_end(self, worker: WorkerProcess, code: int, reason: str) -> None:
        self._chronicle.record(
            "worker_ended", worker=worker.place.index, exit_code=code, reason=reason
        )

    def _kill_overdue(self) -> None:
        """End workers that do not end a trial whose time is over: they hang."""
        for worker in self._crew.overdue(self._budget.trial_patience_s):
            worker.is_overdue = True
            worker.kill()

    @property
    def _is_stopping(self) -> bool:
        return bool(self._signals) or self._failure is not None or self._done

    def _refuse_stopped(self) -> None:
        """Raise the reason why the run cannot go on, if there is one."""
        if self._done:
            return
        if self._failure is not None:
            reason, code = self._failure["message"], self._failure["exit_code"]
            self._chronicle.record("stopped", reason=reason, exit_code=code)
            raise error_of_code(reason, code)
        if self._signals:
            code, name = 128 + self._signals[0], signal.Signals(self._signals[0]).name
            self._chronicle.record("stopped", reason=name, exit_code=code)
            hint = f"everything is saved; go on with: cnnsearch resume {self._folder.called}"
            raise StoppedError(hint, code)

    def _give_up(self, reason: str) -> NoReturn:
        self._chronicle.record("stopped", reason=reason, exit_code=CnnsearchError.exit_code)
        tail = f"its last words: {self._last_words()}\nthe whole of them: {self._folder.worker_log}"
        raise CnnsearchError(f"{reason}; {tail}")

    def _last_words(self) -> str:
        text = self._folder.worker_log.read_text(encoding="utf-8", errors="replace")
        return next((line.strip() for line in reversed(text.splitlines()) if line.strip()), "none")

    def _obey(self) -> None:
        """Pass a signal on: the first asks the workers to stop, the second ends them at once."""
        if self._signals and not self._asked_to_stop:
            self._asked_to_stop = True
            self._chronicle.record("stopping", reason=signal.Signals(self._signals[0]).name)
            self._crew.ask_to_stop()
        elif len(self._signals) > 1:
            self._crew.kill()

    @contextlib.contextmanager
    def _obeying_signals(self) -> Iterator[None]:
        def note(number: int, frame: FrameType | None) -> None:
            self._signals.append(number)

        before = {number: signal.signal(number, note) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
