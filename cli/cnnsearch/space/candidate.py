"""A candidate: one full assignment of the settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from cnnsearch.space.domains import Setting, Value
from cnnsearch.space.settings import ArchitectureSettings, AugmentationSettings, TrainingSettings


@dataclass(frozen=True)
class Candidate:
    """What was drawn, and what it means.

    `settings` holds every active free setting by path, as plain JSON, in the order of drawing:
    enough to draw the same candidate again. `choices` holds what each of them could have been.
    """

    settings: Mapping[str, Value]
    architecture: ArchitectureSettings
    training: TrainingSettings
    augmentation: AugmentationSettings
    choices: Mapping[str, Setting] = field(compare=False, repr=False, default_factory=dict)
