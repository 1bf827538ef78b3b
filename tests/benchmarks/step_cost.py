"""How well a training step's time follows from MACs and memory traffic, on this machine.

Networks of the default space, wide and narrow, deep and flat, train side by side: one step of each
in turn, so that what else the machine does strikes all of them alike.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable
from statistics import median
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # read when TensorFlow is loaded

import tensorflow as tf

from cnnsearch.architecture.memory import traffic
from cnnsearch.data import open_dataset
from cnnsearch.space import draw, first_guess, load_space
from cnnsearch.tuning.place import Place
from cnnsearch.tuning.rungs import RungPlan
from cnnsearch.tuning.step_cost import MACS_PER_BYTE, StepCost, Work
from cnnsearch.tuning.worker.devices import Device, set_up_device
from cnnsearch.tuning.worker.hypermodel import CandidateModel

STAGES, STEM = "architecture.stages.", "architecture.stem."
NETWORKS = {
    "first guess": (),
    "narrow": (f"{STAGES}width=16", f"{STAGES}width_growth=2"),
    "wide": (f"{STAGES}width=32", f"{STAGES}width_growth=2"),
    "wide stem": (f"{STEM}width=32",),
    "swish": ("architecture.activation=swish",),
    "strided stem": (f"{STEM}stride=2", f"{STEM}width=32", f"{STAGES}width=32"),
    "residual": (f"{STAGES}block=residual",),
    "5x5": (f"{STAGES}kernel_size=5",),
    "two blocks": (f"{STAGES}depth=2",),
}
Step = Callable[[], Any]


def main() -> None:
    """Print a row for each network, and the mixture of MACs and bytes that was learned."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=20, help="Steps of each network; 20.")
    parser.add_argument("--batch", type=int, default=128, help="Images of a step; 128.")
    options = parser.parse_args()

    device = set_up_device(Place())
    prepared = {name: _prepare(given, options.batch, device) for name, given in NETWORKS.items()}
    seconds: dict[str, list[float]] = {name: [] for name in NETWORKS}
    for _ in range(options.rounds):
        for name, (_, step) in prepared.items():
            started = time.perf_counter()
            step()
            seconds[name].append(time.perf_counter() - started)
    _report({name: work for name, (work, _) in prepared.items()}, seconds, options.batch)


def _prepare(overrides: tuple[str, ...], batch: int, device: Device) -> tuple[Work, Step]:
    """Return what a network does, and a function that trains it one step."""
    space = load_space("default", overrides)
    dataset = open_dataset("fashion-mnist-mini", validation=0.1, seed=1)
    model = CandidateModel(space, dataset, RungPlan((60,), 30, batch), device)
    candidate = draw(space, first_guess)
    network = model.architecture(candidate)
    compiled = model.for_search(candidate, batch)
    pairs = tf.data.Dataset.from_tensors((dataset.x_train[:batch], dataset.y_train[:batch]))
    batches = iter(pairs.repeat())
    compiled.make_train_function()
    compiled.train_function(batches)  # traced
    return Work(network.macs, traffic(network)), lambda: compiled.train_function(batches)


def _report(works: dict[str, Work], seconds: dict[str, list[float]], batch: int) -> None:
    learned, by_macs = StepCost(), StepCost()
    measured = {name: median(times) for name, times in seconds.items()}
    for name, work in works.items():
        learned.observe(work, measured[name] / batch)
        by_macs.observe(Work(work.macs, 0), measured[name] / batch)
    print("| network | MACs | maps | ms a step | learned / measured | by MACs alone |")
    print("|---|---|---|---|---|---|")
    for name, work in works.items():
        ratios = [
            (cost.predict_s(each, images=batch) or 0) / measured[name]
            for cost, each in ((learned, work), (by_macs, Work(work.macs, 0)))
        ]
        figures = f"{1000 * measured[name]:.1f} | {ratios[0]:.2f} | {ratios[1]:.2f}"
        print(f"| {name} | {work.macs / 1e6:.2f}M | {work.traffic / 1e3:.0f} kB | {figures} |")
    ratio = learned.macs_per_byte
    print(f"\na byte costs as much as {ratio:g} MACs (tried: {', '.join(map(str, MACS_PER_BYTE))})")


if __name__ == "__main__":
    main()
