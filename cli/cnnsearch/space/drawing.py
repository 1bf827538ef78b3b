"""Draws candidates from a search space, one setting after another."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

from cnnsearch.space.candidate import Candidate
from cnnsearch.space.choosers import Chooser
from cnnsearch.space.domains import Setting, Value
from cnnsearch.space.fields import Section
from cnnsearch.space.leaves import Leaf
from cnnsearch.space.plan import Plan, StagePlan
from cnnsearch.space.scaling import Scaling, compound_scaling, rounded_width
from cnnsearch.space.search_space import SearchSpace
from cnnsearch.space.settings import (
    ArchitectureSettings,
    AugmentationSettings,
    BlockOptions,
    BlockSettings,
    HeadSettings,
    InputSettings,
    PoolingOptions,
    StageSettings,
    StemSettings,
    TrainingSettings,
)

SectionType = TypeVar("SectionType", bound=Section)
PartType = TypeVar("PartType", StemSettings, HeadSettings)
STAGES = "architecture.stages"
NETWORK = ("activation", "normalization", "bias", "stochastic_depth", "smallest_map")


def draw(space: SearchSpace, choose: Chooser) -> Candidate:
    """Return the candidate for which `choose` gives the value of each active setting.

    Raises:
        ValueError: `choose` gave a value outside of the setting's domain.
    """
    return _Drawing(space.plan, choose).candidate()


def grown_width(width: int, growth: float, stage: int) -> int:
    """Return the channels of a stage: `width * growth**stage`, rounded to a multiple of 8.

    The rounding never takes away more than a tenth. The first stage, and every stage where
    nothing grows, is exactly `width` wide.
    """
    if stage == 0 or growth == 1:
        return width
    return rounded_width(width * growth**stage)


class _Drawing:
    """The values of one candidate while it is drawn, by the YAML path of each setting."""

    def __init__(self, plan: Plan, choose: Chooser) -> None:
        self.plan, self.choose = plan, choose
        self.values: dict[str, Value] = dict(plan.constants)
        self.settings: dict[str, Value] = {}
        self.choices: dict[str, Setting] = {}
        self.scaling = Scaling()

    def candidate(self) -> Candidate:
        for leaf in self.plan.per_model:
            self._take(leaf, leaf.path)
        if "scaling" in self.plan.present:
            factors = ("phi", "depth", "width", "resolution")
            self.scaling = compound_scaling(*self._values("architecture.scaling", factors).values())
        architecture = ArchitectureSettings(
            input=self._section(InputSettings, "architecture.input"),
            stem=self._stem(),
            stages=tuple(self._stages()),
            head=self._head(),
            resolution_factor=self.scaling.resolution,
            **self._values("architecture", NETWORK),
        )
        training = self._section(TrainingSettings, "training")
        augmentation = self._section(AugmentationSettings, "data.augmentation")
        return Candidate(self.settings, architecture, training, augmentation, self.choices)

    def _take(self, leaf: Leaf, path: str) -> None:
        """Give a leaf its value: drawn where it is free, its default where it is inactive."""
        if leaf.when is not None and not leaf.when.test(self.values):
            self.values[leaf.path] = leaf.default
        elif leaf.domain is None:
            self.values[leaf.path] = leaf.value
        else:
            setting = Setting(path, leaf.domain, leaf.prior)
            value = self.choose(setting)
            if not leaf.domain.contains(value):
                raise ValueError(f"{path} cannot be {value!r}")
            self.choices[path] = setting
            self.settings[path] = self.values[leaf.path] = value

    def _stem(self) -> StemSettings | None:
        if "stem" not in self.plan.present:
            return None
        return self._scaled(self._section(StemSettings, "architecture.stem"))

    def _head(self) -> HeadSettings:
        return self._scaled(self._section(HeadSettings, "architecture.head"))

    def _scaled(self, part: PartType) -> PartType:
        """Return stem or head with its width scaled, maybe to more than the file may ask for."""
        if part.width is None or self.scaling.width == 1:
            return part
        return part.model_copy(update={"width": self.scaling.scaled_width(part.width)})

    def _stages(self) -> list[StageSettings]:
        if not self.plan.repeated:
            return [self._stage(row, index, last=False) for index, row in enumerate(self.plan.rows)]
        row, count = self.plan.rows[0], self._value(f"{STAGES}.count")
        return [self._stage(row, index, last=index == count - 1) for index in range(count)]

    def _stage(self, row: StagePlan, index: int, *, last: bool) -> StageSettings:
        place = f"{STAGES}.{index}"
        for leaf in row.last_stage if last else row.per_stage:
            self._take(leaf, f"{place}{leaf.path.removeprefix(row.prefix)}")
        depth = self.scaling.scaled_depth(self._value(f"{row.prefix}.depth"))
        different = depth if row.per_block else min(depth, 2)  # then all are as the second one
        blocks = [
            self._block(row, f"{place}.blocks.{number}", index, number)
            for number in range(different)
        ]
        return StageSettings(
            blocks=(*blocks, *(depth - different) * blocks[-1:]),
            pooling=self._value(f"{row.prefix}.pooling"),
            **self._values(row.prefix, PoolingOptions.model_fields),
        )

    def _block(self, row: StagePlan, place: str, stage: int, number: int) -> BlockSettings:
        for leaf in row.per_block:
            self._take(leaf, f"{place}{leaf.path.removeprefix(row.prefix)}")
        width = self._value(f"{row.prefix}.width")
        growth = self._value(f"{row.prefix}.width_growth") if self.plan.repeated else 1
        first_stride = 1 if self.plan.repeated else self._value(f"{row.prefix}.stride")
        return BlockSettings(
            width=self.scaling.scaled_width(grown_width(width, growth, stage)),
            stride=first_stride if number == 0 else 1,
            **self._values(row.prefix, BlockOptions.model_fields),
        )

    def _value(self, path: str) -> Any:
        return self.values[path]

    def _values(self, prefix: str, names: Iterable[str]) -> dict[str, Any]:
        return {name: self.values[f"{prefix}.{name}"] for name in names}

    def _section(self, section: type[SectionType], prefix: str) -> SectionType:
        return section(**self._values(prefix, section.model_fields))
