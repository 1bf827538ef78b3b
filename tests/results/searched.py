"""A whole finished run put together by hand: drawn candidates, pretended scores, no training."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from cnnsearch.architecture import Architecture, InfeasibleError, describe
from cnnsearch.records.files import append_json_line, write_json
from cnnsearch.records.folder import RunFolder, create_run_folder, write_run_facts
from cnnsearch.records.study import Study, create_study, open_study
from cnnsearch.records.test_split import TestPredictions, write_test_predictions
from cnnsearch.results.summary import write_summary
from cnnsearch.space import Candidate, draw, first_guess, load_space, random_chooser

RUNGS = (100, 300, 900)
SHAPE = (28, 28, 1)
CLASSES = ("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Bag")
OBJECTIVES = {"val_accuracy": "max"}


def searched_run(
    runs: Path,
    *,
    name: str = "night",
    trials: int = 30,
    objectives: dict[str, Any] = OBJECTIVES,
    classes: Sequence[str] = CLASSES,
    space_name: str = "default",
    dataset: str = "clothes",
    reason: str = "macs",
    message: str | None = "the loss became nan by step 40",
    finished: bool = True,
) -> RunFolder:
    """Make a run of the default space, pruned at three rungs; finished runs are tested too."""
    rng = random.Random(1)
    space = load_space("default")
    folder = create_run_folder(runs, name, "default")
    study = create_study(folder.journal, objectives)
    facts = {
        "space": space_name,
        "document": {**space.document, "constraints": {"parameters": "<= 500k"}},
        "dataset": {
            "name": dataset,
            "shape": list(SHAPE),
            "classes": len(classes),
            "train": 9_000,
            "validation": 1_000,
            "test": 800,
            "fingerprint": "0" * 64,
        },
        "budget": {"time_s": 600.0, "trials": None, "reserve": 0.25},
        "step_images": draw(space, first_guess).training.batch_size,
        "seed": 1,
        "objectives": objectives,
        "versions": {"cnnsearch": "0.1.0"},
        "machine": "Linux",
    }
    write_run_facts(folder, space.to_yaml(), facts)
    _event(folder, "run_started", 0.0)
    _event(folder, "worker_ready", 4.0, import_s=4.0, device="CPU")
    _event(folder, "infeasible", 5.0, count=3, reasons={reason: 3})
    for number in range(trials):
        candidate, network = _feasible(rng, len(classes))
        _add(folder, study, number, candidate, network, rng, 5.0 + 480.0 * number / trials, message)
    if finished:
        _finish(folder, classes)
    return folder


def _feasible(rng: random.Random, classes: int) -> tuple[Candidate, Architecture]:
    space = load_space("default")
    while True:
        candidate = draw(space, random_chooser(rng))
        try:
            return candidate, describe(candidate.architecture, SHAPE, classes)
        except InfeasibleError:
            continue


def _add(
    folder: RunFolder,
    study: Study,
    number: int,
    candidate: Candidate,
    network: Architecture,
    rng: random.Random,
    began_s: float,
    message: str | None,
) -> None:
    study.add_trial(
        candidate.settings,
        candidate.choices,
        parameters=network.parameters,
        macs=network.macs,
        traffic=1,
    )
    study.note(number, measured={"latency": {"median_ms": 0.5 + network.macs / 4e6}})
    folder.trial(number).mkdir(parents=True)
    write_json(folder.trial(number) / "architecture.json", network.to_json())
    if number % 10 == 9:
        study.end_trial(number, "diverged", seconds={"total": 1.0}, message=message)
        return
    skill = 0.55 + 0.3 * (candidate.settings["training.optimizer"] == "adamw")
    skill += rng.uniform(-0.1, 0.1)
    reached = RUNGS[: 3 if skill > 0.82 else 2 if skill > 0.7 else 1]
    lines = ["step,train_loss,train_accuracy,val_loss,val_accuracy"]
    for index, step in enumerate(reached):
        value = round(min(0.96, skill + 0.04 * index), 3)
        study.report(number, step, value)
        lines.append(f"{step},{1 - value:.6f},{value - 0.01:.6f},{1.1 - value:.6f},{value:.6f}")
        elapsed_s = began_s + 1 + index
        _event(folder, "look", elapsed_s, trial=number, step=step, value=value, verdict="goes on")
    (folder.trial(number) / "history.csv").write_text("\n".join(lines) + "\n", encoding="ascii")
    seconds = {"total": 2.4, "fit": 1.9, "evaluate": 0.2}
    study.end_trial(number, "complete" if len(reached) == 3 else "pruned", seconds=seconds)
    _event(folder, "trial_ended", began_s + 2.4, trial=number)


def _finish(folder: RunFolder, classes: Sequence[str]) -> None:
    study = open_study(folder.journal, writing=True)
    best = study.best()
    assert best is not None
    assert best.value is not None
    value = min(0.97, best.value + 0.006)
    rng = np.random.default_rng(1)
    labels = (np.arange(800) % len(classes)).astype(np.int64)
    logits = rng.normal(size=(800, len(classes))) + 3.2 * np.eye(len(classes))[labels]
    powers = np.exp(1.5 * logits)
    probabilities = (powers / powers.sum(1, keepdims=True)).astype(np.float32)
    correct = int((probabilities.argmax(1) == labels).sum())
    winner = {"trial": best.number, "value": value, "steps": 1_500, "annealed_steps": 600}
    study.note_study(
        winner={**winner, "checkpoint": "finished.npz"},
        tested={"correct": correct, "count": 800},
        exports=[],
        search_ended={"reason": "time", "message": "the time was over", "elapsed_s": 490.0},
    )
    write_test_predictions(folder, TestPredictions(probabilities, labels))
    folder.export.mkdir()
    (folder.export / "labels.txt").write_text("".join(f"{c}\n" for c in classes), encoding="utf-8")
    _event(folder, "finished", 560.0, trial=best.number, value=value)
    tested = {"accuracy": correct / 800, "low": correct / 800 - 0.02, "high": correct / 800 + 0.02}
    _event(folder, "tested", 565.0, count=800, **tested)
    write_summary(folder)


def _event(folder: RunFolder, event: str, elapsed_s: float, **facts: Any) -> None:
    stamped = {"time": 1.7e9 + elapsed_s, "elapsed_s": elapsed_s, "event": event, **facts}
    append_json_line(folder.events, stamped)
