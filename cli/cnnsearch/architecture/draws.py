"""Many random candidates of a space: what each is like, and which limits it breaks."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, TypeAlias

from cnnsearch.architecture.describe import describe
from cnnsearch.architecture.infeasible import InfeasibleError
from cnnsearch.architecture.layers import Convolution
from cnnsearch.architecture.limits import QUANTITIES, Miss, NearestMisses, misses
from cnnsearch.architecture.receptive_field import seen_image

if TYPE_CHECKING:
    from cnnsearch.architecture.graph import Architecture
    from cnnsearch.space import Candidate, Constraint, SearchSpace

SHOWN = ("parameters", "macs", "layers", "receptive_field")
# CBAM's 7x7, and what resizes before `convnext` and `self_attention` with a window of its stride.
FIXED_WINDOWS = (".pixels_conv", ".conv_resize")


@dataclass(frozen=True)
class Network:
    """What is told of one network."""

    amounts: dict[str, int]  # of the quantities in SHOWN
    image_side: int  # of the image as the network sees it
    narrow: tuple[str, ...]  # parts with a kernel larger than their map: "stage3"


Judgement: TypeAlias = "tuple[Network, list[Miss]] | str"  # or why there is no such network


@dataclass
class Draws:
    """What many draws came to."""

    number: int = 0
    stopped_by_time: bool = False
    impossible: Counter[str] = field(default_factory=Counter)  # reason -> draws
    removed: Counter[Constraint] = field(default_factory=Counter)
    removed_alone: Counter[Constraint] = field(default_factory=Counter)  # by no other limit
    nearest: NearestMisses = field(default_factory=NearestMisses)
    built: list[Network] = field(default_factory=list)  # of every draw that can be built
    feasible: list[Network] = field(default_factory=list)  # of every draw within the limits
    candidates: list[Candidate] = field(default_factory=list)  # every one that can be built

    def note(self, candidate: Candidate, judged: Judgement) -> None:
        """Take one more draw into account."""
        self.number += 1
        if isinstance(judged, str):
            self.impossible[judged] += 1
            return
        network, broken = judged
        self.candidates.append(candidate)
        self.built.append(network)
        self.nearest.note(broken)
        limits = {miss.constraint for miss in broken}
        self.removed.update(limits)
        if len(limits) == 1:
            self.removed_alone.update(limits)
        if not limits:
            self.feasible.append(network)


def look_at_draws(
    space: SearchSpace,
    input_shape: tuple[int, int, int],
    classes: int,
    *,
    draws: int,
    time_limit_s: float,
) -> Draws:
    """Return what random candidates come to: the same for the same seed, if there is the time.

    The limit is on the time of the processor, which other programs do not use up. One draw at
    least is looked at.
    """
    ends = time.process_time() + time_limit_s
    found = Draws()
    for candidate, judged in islice(_judged(space, input_shape, classes), draws):
        found.note(candidate, judged)
        if found.number < draws and time.process_time() >= ends:
            found.stopped_by_time = True
            break
    return found


def _judged(
    space: SearchSpace, input_shape: tuple[int, int, int], classes: int
) -> Iterator[tuple[Candidate, Judgement]]:
    """Yield random candidates without end; what is drawn again is not worked out again."""
    from cnnsearch.space import draw, random_chooser

    rng = random.Random(space.search.seed)
    known: dict[object, Judgement] = {}
    while True:
        candidate = draw(space, random_chooser(rng))
        training = candidate.training
        # of the training, what its memory depends on
        key = (candidate.architecture, training.batch_size, training.optimizer)
        if key not in known:
            known[key] = _judge(space, candidate, input_shape, classes)
        yield candidate, known[key]


def _judge(
    space: SearchSpace, candidate: Candidate, input_shape: tuple[int, int, int], classes: int
) -> Judgement:
    try:
        architecture = describe(candidate.architecture, input_shape, classes)
    except InfeasibleError as error:
        return error.reason
    return _network(architecture), misses(architecture, space.constraints, candidate.training)


def _network(architecture: Architecture) -> Network:
    return Network(
        {name: QUANTITIES[name](architecture) for name in SHOWN},
        max(seen_image(architecture)),
        tuple(_narrow_parts(architecture)),
    )


def _narrow_parts(architecture: Architecture) -> Sequence[str]:
    """Return the parts with a kernel that is larger than the map it slides over.

    Windows that no setting chooses do not count.
    """
    shapes = (architecture.input_shape, *(row.output_shape for row in architecture.rows))
    found = {
        row.name.split(".")[0]: None
        for row in architecture.rows
        if isinstance(row.layer, Convolution)
        and not row.name.endswith(FIXED_WINDOWS)
        and (row.layer.kernel_size - 1) * row.layer.dilation >= min(shapes[row.inputs[0] + 1][:2])
    }
    return list(found)
