"""One trial as it is recorded: its settings, how far it has come and how it ended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from cnnsearch.space import Value

Failure = Literal["diverged", "out_of_memory", "crashed", "timed_out", "error"]
# paused: waits while others are tried, and may go on; stopped: the search ended;
# over_limit: measured before it was trained, and beyond a limit
State = Literal["running", "paused", "complete", "pruned", "stopped", "over_limit"] | Failure
FAILURES: tuple[Failure, ...] = ("diverged", "out_of_memory", "crashed", "timed_out", "error")


@dataclass(frozen=True)
class TrialRecord:
    """One trial as the study knows it."""

    number: int
    state: State
    settings: Mapping[str, Value]
    parameters: int
    macs: int
    # steps of the plan, which are batches of the first guess -> validation score
    looks: Mapping[int, float] = field(default_factory=dict)
    value: float | None = None  # the best of the looks
    measured: Mapping[str, Mapping[str, float]] = field(default_factory=dict)  # `latency`: in ms
    values: tuple[float, ...] | None = None  # `value`, and the costs that are objectives, in order
    attempts: int = 1  # how often a worker took it up without being asked to stop
    seconds: Mapping[str, float] = field(
        default_factory=dict
    )  # "total", "build", "fit", "evaluate", "image"; of one that goes on: when it was saved last
    worker: int = 0  # who has it, or had it last
    parent: int | None = None  # the trial whose weights at its best look this one began with
    traffic: int = 0  # bytes of all maps that the network writes for one image
    starved: bool = False  # the system killed its worker for want of memory
    batch_size: int | None = None  # what it trained with, where that is not what was drawn
    message: str | None = None
    started: datetime | None = None
    earlier: bool = False  # of another run, whose trials this one began with

    @property
    def costs(self) -> dict[str, float]:
        """Parameters, macs, and latencies in ms where they were measured."""
        latencies = {name: found["median_ms"] for name, found in self.measured.items()}
        return {"parameters": self.parameters, "macs": self.macs, **latencies}

    @property
    def steps(self) -> int:
        """Steps of the plan at the last look."""
        return max(self.looks, default=0)

    @property
    def scored_step(self) -> int:
        """Steps of the plan at the look whose weights were kept: the first to reach the value."""
        return next((step for step, value in self.looks.items() if value == self.value), 0)

    @property
    def finished(self) -> bool:
        return self.state not in ("running", "paused")

    @property
    def failed(self) -> bool:
        """Tell whether the trial can win nothing: out of time, it may still have been scored."""
        return self.state in FAILURES and not (self.state == "timed_out" and self.looks)
