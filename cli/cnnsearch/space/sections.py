"""The sections of a search space, declared once.

These models hold the plain values of one candidate or one run. The same declarations give the
limits that every value of the YAML file is checked against, the JSON Schema and the defaults.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, Strict, WithJsonSchema

from cnnsearch.space.constraints import Constraint, parse_limits
from cnnsearch.space.quantities import parse_duration, parse_share

Per: TypeAlias = Literal["model", "stage", "block"]


@dataclass(frozen=True)
class Searchable:
    """Marks a field that may vary, and how finely inside the stages it may be drawn."""

    per: tuple[Per, ...] = ()

    def __get_pydantic_json_schema__(self, core_schema: Any, handler: Any) -> dict[str, Any]:
        """Describe the plain value and the leaf forms."""
        from cnnsearch.space.schema import searchable_schema

        return searchable_schema(handler(core_schema), self.per)


class Section(BaseModel):
    """A mapping of the file whose keys are all known."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


Whole: TypeAlias = Annotated[int, Strict()]
Real: TypeAlias = Annotated[float, Strict(), Field(allow_inf_nan=False)]
ANYWHERE = Searchable()
PER_STAGE = Searchable(per=("model", "stage"))
PER_BLOCK = Searchable(per=("model", "stage", "block"))

Block: TypeAlias = Annotated[
    Literal["conv", "residual"],
    Field(description="Kind of block: `conv` is one convolution, `residual` adds its input again."),
]
BaseWidth: TypeAlias = Annotated[Whole, Field(ge=1, le=8192, description="Channels.")]
KernelSize: TypeAlias = Annotated[
    Whole, Field(ge=1, le=15, description="Side of the convolution's window, in pixels.")
]
Stride: TypeAlias = Annotated[
    Whole, Field(ge=1, le=4, description="Step of the convolution, in pixels.")
]
Dropout: TypeAlias = Annotated[
    Real, Field(ge=0, le=0.9, description="Share of the values set to zero while training.")
]
Depth: TypeAlias = Annotated[Whole, Field(ge=1, le=64, description="Blocks in the stage.")]
StagePooling: TypeAlias = Annotated[
    Literal["max", "average", "stride", "none"],
    Field(
        description="How the map is halved after the stage; "
        "`stride`: by the next stage's first convolution."
    ),
]
Activation: TypeAlias = Literal["relu", "swish", "gelu", "leaky_relu", "tanh"]


class InputSettings(Section):
    """What the network sees."""

    resolution: Annotated[
        Annotated[Whole, Field(ge=4, le=2048)] | None,
        Field(description="Side that images are resized to, in pixels; null: the data's own."),
        ANYWHERE,
    ] = None


class StemSettings(Section):
    """One convolution before the stages; without the section there is none."""

    width: Annotated[BaseWidth, ANYWHERE]
    kernel_size: Annotated[KernelSize, ANYWHERE] = 3
    stride: Annotated[Stride, ANYWHERE] = 1
    pooling: Annotated[
        Literal["none", "max", "average"],
        Field(description="How the stem's map is halved."),
        ANYWHERE,
    ] = "none"


class HeadSettings(Section):
    """What makes class probabilities of the last map."""

    pooling: Annotated[
        Literal["average", "max", "flatten"],
        Field(description="How the map becomes one row of numbers."),
        ANYWHERE,
    ] = "average"
    units: Annotated[
        tuple[Annotated[Whole, Field(ge=1, le=16384)], ...],
        Field(max_length=8, description="Widths of the dense layers before the last one."),
        ANYWHERE,
    ] = ()
    dropout: Annotated[Dropout, ANYWHERE] = 0.0


class BlockSettings(Section):
    """One block of a candidate."""

    block: Block
    width: Annotated[Whole, Field(ge=1, description="Channels.")]
    kernel_size: KernelSize = 3
    stride: Stride = 1
    dropout: Dropout = 0.0


class StageSettings(Section):
    """One stage of a candidate: its blocks, and how the map is halved after them."""

    blocks: tuple[BlockSettings, ...]
    pooling: StagePooling = "none"


class StageRow(Section):
    """One stage, as a row of the long form of `stages`."""

    block: Annotated[Block, PER_BLOCK] = "conv"
    depth: Annotated[Depth, PER_STAGE] = 1
    width: Annotated[BaseWidth, PER_STAGE]
    kernel_size: Annotated[KernelSize, PER_BLOCK] = 3
    stride: Annotated[
        Stride, Field(description="Step of the stage's first convolution, in pixels."), PER_STAGE
    ] = 1
    pooling: Annotated[StagePooling, PER_STAGE] = "none"
    dropout: Annotated[Dropout, PER_BLOCK] = 0.0


class RepeatedStage(Section):
    """The short form of `stages`: one row, repeated `count` times."""

    count: Annotated[Whole, Field(ge=1, le=10, description="Number of stages."), ANYWHERE]
    block: Annotated[Block, PER_BLOCK] = "conv"
    depth: Annotated[Depth, PER_STAGE] = 1
    width: Annotated[BaseWidth, Field(description="Channels of the first stage."), PER_STAGE]
    width_growth: Annotated[
        Real,
        Field(ge=0.25, le=4, description="Each stage is this much wider than the one before."),
        ANYWHERE,
    ] = 1.0
    kernel_size: Annotated[KernelSize, PER_BLOCK] = 3
    pooling: Annotated[StagePooling, PER_STAGE] = "max"
    dropout: Annotated[Dropout, PER_BLOCK] = 0.0


class NetworkSection(Section):
    """What every description of a network has beside its stages."""

    input: InputSettings = InputSettings()
    activation: Annotated[
        Activation, Field(description="What follows each convolution."), ANYWHERE
    ] = "relu"
    normalization: Annotated[
        Literal["batch", "none"], Field(description="What steadies each map."), ANYWHERE
    ] = "batch"
    stem: StemSettings | None = None
    head: HeadSettings = HeadSettings()


class ArchitectureSettings(NetworkSection):
    """The network of one candidate."""

    stages: tuple[StageSettings, ...]


class ArchitectureSection(NetworkSection):
    """The network, or the networks, that the file describes."""

    stages: Annotated[
        RepeatedStage | list[StageRow],
        Field(description="One row repeated `count` times, or a list with one row per stage."),
    ]


class TrainingSettings(Section):
    """How a candidate is trained."""

    optimizer: Annotated[
        Literal["adamw", "adam", "sgd"], Field(description="Rule of each step."), ANYWHERE
    ] = "adamw"
    learning_rate: Annotated[
        Real, Field(gt=0, le=10, description="Largest step size, after warming up."), ANYWHERE
    ] = 3e-3
    batch_size: Annotated[
        Whole, Field(ge=1, le=65536, description="Images per step."), ANYWHERE
    ] = 128
    epochs: Annotated[
        Whole, Field(ge=1, le=100_000, description="Passes over the data at full training.")
    ] = 9
    weight_decay: Annotated[
        Real, Field(ge=0, le=1, description="Pull of the weights to zero, per step."), ANYWHERE
    ] = 0.0
    label_smoothing: Annotated[
        Real, Field(ge=0, le=0.5, description="Share taken from the right label."), ANYWHERE
    ] = 0.0


class AugmentationSettings(Section):
    """How training images are varied."""

    flip: Annotated[
        Literal["none", "horizontal", "vertical", "both"],
        Field(description="Random mirroring."),
        ANYWHERE,
    ] = "none"
    crop: Annotated[
        Real,
        Field(ge=0, le=0.5, description="Largest random shift, as a share of the side."),
        ANYWHERE,
    ] = 0.0


class DataSection(Section):
    """The images."""

    source: Annotated[
        str,
        Strict(),
        Field(min_length=1, description="Name of a dataset, a folder of images, or an .npz file."),
    ] = "fashion-mnist-mini"
    validation: Annotated[
        Annotated[Real, Field(gt=0, lt=1)] | None,
        Field(description="Share of the training images to validate on; null: the data's own."),
    ] = None
    image_size: Annotated[
        Annotated[Whole, Field(ge=4, le=2048)] | None,
        Field(description="Side that images from a folder are read at, in pixels."),
    ] = None


class DataWithAugmentation(DataSection):
    """The images, and how they are varied in training."""

    augmentation: AugmentationSettings = AugmentationSettings()


class ObjectivesSection(Section):
    """What is best: exactly one of these."""

    val_accuracy: Annotated[
        Literal["max"] | None, Field(description="Share of validation images that are right.")
    ] = None
    val_loss: Annotated[
        Literal["min"] | None, Field(description="Cross-entropy on the validation images.")
    ] = None


LIMIT_SCHEMA: dict[str, Any] = {
    "anyOf": [
        {"type": "integer", "minimum": 1},
        {"type": "string", "pattern": r"^\s*(<=|>=|==|<|>)?\s*\d+(\.\d+)?\s*[kKMGT]?\s*$"},
        {"type": "array", "items": {"type": ["string", "integer"]}, "minItems": 1},
    ]
}
Limits: TypeAlias = Annotated[
    tuple[Constraint, ...], BeforeValidator(parse_limits), WithJsonSchema(LIMIT_SCHEMA)
]


class ConstraintsSection(Section):
    """What every candidate must keep to before it is trained."""

    parameters: Annotated[
        Limits | None, Field(description="Weights and statistics, such as `<= 500k`.")
    ] = None
    macs: Annotated[
        Limits | None, Field(description="Multiply-accumulates for one image, such as `<= 50M`.")
    ] = None


class SearchSection(Section):
    """How candidates are proposed and stopped early."""

    algorithm: Annotated[
        Literal["evolution", "random"], Field(description="Who proposes the next candidate.")
    ] = "evolution"
    pruning: Annotated[
        Literal["asha", "none"], Field(description="Who stops poor candidates early.")
    ] = "asha"
    seed: Annotated[Whole, Field(ge=0, lt=2**32, description="Start of every random choice.")] = 1


DURATION_SCHEMA: dict[str, Any] = {
    "anyOf": [
        {"type": "number", "exclusiveMinimum": 0},
        {"type": "string", "pattern": r"^\s*(\d+(\.\d+)?\s*[dhms]\s*)+$"},
    ]
}
SHARE_SCHEMA: dict[str, Any] = {
    "anyOf": [
        {"type": "number", "minimum": 0, "maximum": 0.9},
        {"type": "string", "pattern": r"^\s*\d+(\.\d+)?\s*%\s*$"},
    ]
}


def _time_budget(value: object) -> float:
    seconds = parse_duration(value)
    if seconds <= 0:
        raise ValueError("no time is left to search; give more than 0, such as 10m")
    return seconds


def _trial_budget(value: object) -> object:
    if isinstance(value, int) and not isinstance(value, bool) and value <= 0:
        raise ValueError("no trial is left to search; give 1 or more")
    return value


class BudgetSection(Section):
    """When the search ends: whichever comes first."""

    time_s: Annotated[
        Annotated[float, BeforeValidator(_time_budget), WithJsonSchema(DURATION_SCHEMA)] | None,
        Field(alias="time", description="Time for everything, such as `10m` or `1h30m`."),
    ] = None
    trials: Annotated[
        Annotated[Whole, BeforeValidator(_trial_budget), Field(ge=1)] | None,
        Field(description="Number of candidates to train."),
    ] = None
    reserve: Annotated[
        float,
        BeforeValidator(parse_share),
        Field(ge=0, le=0.9, description="Share of the time kept to finish the winner."),
        WithJsonSchema(SHARE_SCHEMA),
    ] = 0.2


class ExportSection(Section):
    """What the winner is written as."""

    formats: Annotated[
        tuple[Literal["savedmodel", "keras"], ...], Field(min_length=1, description="File formats.")
    ] = ("savedmodel", "keras")


class SpaceFile(Section):
    """The whole file."""

    name: Annotated[
        str, Strict(), Field(min_length=1, max_length=80, description="Name of the search space.")
    ]
    extends: Annotated[
        str | None,
        Field(description="Shipped name or path of the space this one starts from."),
    ] = None
    data: DataWithAugmentation = DataWithAugmentation()
    architecture: ArchitectureSection
    training: TrainingSettings = TrainingSettings()
    objectives: ObjectivesSection = ObjectivesSection(val_accuracy="max")
    constraints: ConstraintsSection = ConstraintsSection()
    search: SearchSection = SearchSection()
    budget: BudgetSection = BudgetSection()
    export: ExportSection = ExportSection()
