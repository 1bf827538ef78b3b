"""A run as a supervisor tells it, from its start to its end."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from functools import cache
from io import BytesIO, StringIO, TextIOWrapper
from typing import Any

import pytest
from rich.console import Console, RenderableType

from cnnsearch.architecture import IMAGE, Architecture, describe
from cnnsearch.architecture.costs import costs
from cnnsearch.architecture.graph import GraphBuilder
from cnnsearch.architecture.layers import (
    Activation,
    Add,
    Convolution,
    Dense,
    Dropout,
    GlobalPooling,
    Normalization,
)
from cnnsearch.screen.board import Board
from cnnsearch.screen.fields import Event
from cnnsearch.space import TrainingSettings, draw, first_guess, load_space

LONG_PATH = "/srv/" + "runs/" * 30 + "saved_model"


def trial_events(
    number: int, state: str, value: float | None, message: str | None = None
) -> list[Event]:
    """Return what is told of one trial that is looked at once."""
    settings = {"architecture.stem.width": 8 * (number + 1), "training.optimizer": "adamw"}
    look = {"trial": number, "step": 140, "value": value, "verdict": state}
    return [
        {"event": "trial_started", "trial": number, "parameters": 61_706, "macs": 2_100_000}
        | {"settings": settings, "step": 0, "top_step": 1260},
        {"event": "progress", "trial": number, "step": 96, "next_look": 140, "top_step": 1260}
        | {"loss": 0.5123, "accuracy": 0.8123, "images_per_s": 4210.4},
        *([{"event": "look", **look}] if value is not None else []),
        {"event": "trial_ended", "trial": number, "state": state, "value": value, "step": 140}
        | {"seconds": 3.1, "message": message},
    ]


@pytest.fixture(name="trial_events")
def _trial_events() -> Callable[..., list[Event]]:
    """Return the function that tells of one trial."""
    return trial_events


@pytest.fixture
def search_events() -> list[Event]:
    """A search of six trials under a time budget, the seventh trial in progress."""
    dataset = {"name": "fashion", "shape": [28, 28, 1], "classes": 10, "train": 9000}
    budget = {"time_s": 180.0, "trials": None, "reserve_s": 36.0}
    ended = [
        ("complete", 0.8, None),
        ("pruned", 0.7, None),
        ("diverged", None, "the loss is NaN"),
        ("complete", 0.9, None),
        ("pruned", 0.6, None),
        ("pruned", 0.65, None),
    ]
    events: list[Event] = [
        {
            "event": "run_started",
            "run": "night-1",
            "folder": "runs/night-1",
            "space": "small",
            "dataset": dataset,
        }
        | {"budget": budget, "resumed": False, "objectives": {"val_accuracy": "max"}},
        {"event": "worker_started", "pid": 7},
        {"event": "worker_ready", "import_s": 5.0, "device": "CPU, 2 cores"},
        {"event": "infeasible", "count": 240, "reasons": {"parameters > 500k": 240}},
    ]
    for number, (state, value, message) in enumerate(ended):
        events += trial_events(number, state, value, message)
    events += trial_events(6, "pruned", None)[:2]
    return [{"time": 1.7e9 + at, "elapsed_s": 3.0 * at, **event} for at, event in enumerate(events)]


@pytest.fixture
def end_events() -> list[Event]:
    """What follows the search: the winner's finish, the test and the exports."""
    export = {"path": "export/model.keras", "size_bytes": 834_567}
    events: list[Event] = [
        {"event": "trial_ended", "trial": 6, "state": "pruned", "value": 0.5, "step": 140},
        {"event": "phase", "phase": "finish"},
        {"event": "finish_progress", "trial": 3, "step": 300, "of_step": 900, "loss": 0.3},
        {"event": "finished", "trial": 3, "value": 0.905, "started_from": 0.9},
        {"event": "phase", "phase": "export"},
        {"event": "tested", "accuracy": 0.8965, "low": 0.8824, "high": 0.9091, "count": 2000},
        {"event": "exported", "format": "keras", "largest_difference": 3e-7, **export},
        {"event": "phase", "phase": "done"},
    ]
    return [{"time": 1.7e9, "elapsed_s": 150.0 + at, **event} for at, event in enumerate(events)]


@pytest.fixture
def board(search_events: list[Event]) -> Board:
    """The board in the middle of the search."""
    board = Board()
    for event in search_events:
        board.apply(event)
    return board


@pytest.fixture
def render() -> Callable[..., str]:
    """Return a function that gives the text a terminal would show."""

    def render(content: RenderableType, width: int = 80, height: int = 24) -> str:
        console = Console(file=StringIO(), width=width, height=height, color_system=None)
        with console.capture() as capture:
            console.print(content)
        return capture.get()

    return render


@pytest.fixture
def ascii_stream() -> TextIOWrapper:
    """A stream that raises at every character outside ASCII."""
    return TextIOWrapper(BytesIO(), encoding="ascii", errors="strict")


@pytest.fixture
def eastern_time(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let the local time be two hours ahead of UTC."""
    if not hasattr(time, "tzset"):
        pytest.skip("the zone of this system cannot be set from here")
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "EAST-2")
        time.tzset()
        yield
    time.tzset()


def _small_network() -> Architecture:
    graph = GraphBuilder((6, 6, 1))
    start = graph.append("stem.conv", Convolution(4, 5, 2, bias=False), IMAGE)
    node = graph.append("stem.norm", Normalization(), start)
    first = graph.append("stem.activation", Activation("leaky_relu"), node)
    node = graph.append("stage0.conv", Convolution(4, 3, groups=4), first)
    node = graph.append("stage0.add", Add(), node, first)
    node = graph.append("stage0.wide", Convolution(4, 3), node)
    node = graph.append("head.pooling", GlobalPooling("average"), node)
    node = graph.append("head.dropout", Dropout(0.2), node)
    graph.append("head.classes", Dense(2), node)
    return graph.finish(classes=2)


@pytest.fixture
def described() -> dict[str, Any]:
    """A small network as `cnnsearch show` describes it."""
    return {"title": "small", **costs(_small_network(), TrainingSettings(batch_size=8))}


@cache
def _described_reference(name: str) -> dict[str, Any]:
    """Return a published network as `cnnsearch show` describes it."""
    candidate = draw(load_space(f"reference/{name}"), first_guess)
    network = describe(candidate.architecture, (224, 224, 3), 1000)
    return {"title": name, **costs(network, candidate.training)}


@pytest.fixture
def reference() -> Callable[[str], dict[str, Any]]:
    """Published networks by name, as `cnnsearch show` describes them."""
    return _described_reference


@pytest.fixture
def summary() -> dict[str, Any]:
    """Return the summary of a finished run of seven trials."""
    states = ["complete", "pruned", "diverged", "pruned", "complete", "pruned", "pruned"]
    values = [0.80, 0.70, None, 0.60, 0.90, 0.65, 0.62]
    trials = [
        {"number": number, "state": state, "value": value, "parameters": 61_706, "macs": 2_100_000}
        | {"steps": 140, "seconds": 3.0, "settings": {"architecture.stem.width": number + 1}}
        | {"message": "the loss is NaN" if state == "diverged" else None}
        for number, (state, value) in enumerate(zip(states, values, strict=True))
    ]
    winner = {"trial": 4, "value": 0.905, "parameters": 61_706, "macs": 2_100_000, "steps": 2160}
    winner |= {"value_in_search": 0.9, "scored_step": 140, "annealed_steps": 354}
    export = {"format": "savedmodel", "path": LONG_PATH, "size_bytes": 1_234_567}
    run = {"name": "night-1", "folder": "runs/night-1", "state": "finished", "space": "small"}
    return {
        "version": 1,
        "run": run
        | {"dataset": {"name": "fashion", "shape": [28, 28, 1], "classes": list("ab")}}
        | {"seed": 7, "started": "2026-01-05T10:11:12+00:00", "elapsed_s": 171.2}
        | {"budget": {"time_s": 180.0, "trials": None}, "device": "CPU"},
        "winner": {**winner, "settings": trials[4]["settings"]},
        "validation": {"accuracy": 0.905, "low": 0.885, "high": 0.922, "count": 1000},
        "test": {"accuracy": 0.8965, "low": 0.8824, "high": 0.9091, "count": 2000},
        "counts": {"trials": 7, "complete": 2, "pruned": 4, "diverged": 1},
        "infeasible": {"count": 240, "reasons": {"no map left": 2, "parameters > 500k": 238}},
        "exports": [{**export, "largest_difference": 3e-7}],
        "timing": {"elapsed_s": 171.2, "training_share": 0.93},
        "trials": trials,
    }


def unfinished(summary: dict[str, Any], state: str) -> dict[str, Any]:
    """Return the summary as it is before the end, the last trial begun and not ended."""
    summary["trials"][-1]["state"] = "running"
    counts = {"trials": 7, "complete": 2, "pruned": 3, "diverged": 1, "running": 1}
    run = {**summary["run"], "state": state}
    nothing: dict[str, Any] = {"winner": None, "validation": None, "test": None, "exports": []}
    return {**summary, **nothing, "run": run, "counts": counts}
