"""The settings of a candidate, declared once.

The models named `...Settings` hold the plain values of one candidate. The same declarations give
the limits that every value of the YAML file is checked against, the JSON Schema and the defaults.
"""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from cnnsearch.space.fields import ANYWHERE, PER_BLOCK, PER_STAGE, Real, Section, Whole

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
        Whole | None,
        Field(
            ge=1,
            le=100_000,
            description="Passes over the data at full training; null: 9, or more for little data.",
        ),
    ] = None
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
