"""The settings of a candidate, declared once.

The models named `...Settings` hold the plain values of one candidate. The same declarations give
the limits that every value of the YAML file is checked against, the JSON Schema and the defaults.
"""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from pydantic import BeforeValidator, Field

from cnnsearch.space.fields import (
    ANYWHERE,
    PER_BLOCK,
    PER_STAGE,
    Needs,
    Real,
    Searchable,
    Section,
    Whole,
    only_for,
    only_with_pooling,
)

# What the file may ask for, and what scaling may make of it.
MOST_CHANNELS = 8192
MOST_BLOCKS = 64  # of a stage
LEAST_PIXELS, MOST_PIXELS = 4, 2048  # a side of the image

Block: TypeAlias = Annotated[
    Literal[
        "conv",
        "separable",
        "residual",
        "bottleneck",
        "preactivation_residual",
        "preactivation_bottleneck",
        "mbconv",
        "fused_mbconv",
        "dense",
        "convnext",
        "self_attention",
    ],
    Field(description="Kind of block; `search_spaces/README.md` explains each."),
]
BaseWidth: TypeAlias = Annotated[Whole, Field(ge=1, le=MOST_CHANNELS, description="Channels.")]
KernelSize: TypeAlias = Annotated[
    Whole, Field(ge=1, le=15, description="Side of the convolution's window, in pixels.")
]
Stride: TypeAlias = Annotated[
    Whole, Field(ge=1, le=4, description="Step of the convolution, in pixels.")
]
Dilation: TypeAlias = Annotated[
    Whole, Field(ge=1, le=16, description="Step between the pixels that a window reads.")
]
Groups: TypeAlias = Annotated[
    Whole, Field(ge=1, le=1024, description="Parts that the channels are convolved in.")
]
Dropout: TypeAlias = Annotated[
    Real, Field(ge=0, le=0.9, description="Share of the values set to zero while training.")
]
SpatialDropout: TypeAlias = Annotated[
    Real, Field(ge=0, le=0.9, description="Share of the channels set to zero while training.")
]
SqueezeRatio: TypeAlias = Annotated[
    Real,
    Field(
        ge=0,
        le=1,
        description="Share of the channels that the attention squeezes them to (`mbconv` and "
        "`fused_mbconv`: share of the block's input); 0: no attention.",
    ),
]
NARROW = ("bottleneck", "preactivation_bottleneck")
WIDE = ("mbconv", "fused_mbconv", "dense", "convnext", "self_attention")
Expansion: TypeAlias = Annotated[
    Annotated[Real, Field(ge=0.25, le=16)] | None,
    Field(
        description="How many times wider than its ends the block is inside, or narrower "
        "(bottlenecks); null: as published, 6 for `mbconv` and 4 for all others."
    ),
]
Depth: TypeAlias = Annotated[Whole, Field(ge=1, le=MOST_BLOCKS, description="Blocks in the stage.")]
StagePooling: TypeAlias = Annotated[
    Literal["max", "average", "blur", "stride", "none"],
    Field(
        description="How the map is halved after the stage; `blur`: a smooth average "
        "(Zhang 2019); `stride`: by the next stage's first convolution."
    ),
]
WindowSize: TypeAlias = Annotated[
    Whole, Field(ge=1, le=15, description="Side of the pooling's window, in pixels.")
]
WindowStride: TypeAlias = Annotated[
    Whole, Field(ge=1, le=8, description="Step of the pooling, in pixels.")
]
Activation: TypeAlias = Literal[
    "relu", "relu6", "leaky_relu", "swish", "gelu", "hard_swish", "tanh", "sigmoid"
]


def _padding(value: object) -> object:
    if value in ("same", "valid") or (isinstance(value, int) and not isinstance(value, bool)):
        return value
    raise ValueError("expected `same`, `valid` or a number of pixels")


Padding: TypeAlias = Annotated[
    Literal["same", "valid"] | Annotated[Whole, Field(ge=0, le=16)],
    BeforeValidator(_padding),
    Field(description="What surrounds the map: `same`, `valid`, or so many pixels of zeros."),
]


WITH_STEM_POOLING = only_with_pooling(kinds=("max", "average"))
WITH_STAGE_POOLING = only_with_pooling(*PER_STAGE.per, kinds=("max", "average", "blur"))


class InputSettings(Section):
    """What the network sees."""

    resolution: Annotated[
        Annotated[Whole, Field(ge=LEAST_PIXELS, le=MOST_PIXELS)] | None,
        Field(description="Side that images are resized to, in pixels; null: the data's own."),
        ANYWHERE,
    ] = None


class StemSettings(Section):
    """One convolution before the stages; without the section there is none."""

    width: Annotated[BaseWidth, ANYWHERE]
    kernel_size: Annotated[KernelSize, ANYWHERE] = 3
    stride: Annotated[Stride, ANYWHERE] = 1
    padding: Annotated[Padding, ANYWHERE] = "same"
    pooling: Annotated[
        Literal["none", "max", "average"],
        Field(description="How the stem's map is halved."),
        ANYWHERE,
    ] = "none"
    # 3x3 with stride 2, as ResNet's stem (He et al. 2016, table 1)
    pooling_size: Annotated[WindowSize, WITH_STEM_POOLING] = 3
    pooling_stride: Annotated[WindowStride, WITH_STEM_POOLING] = 2
    pooling_padding: Annotated[Padding, WITH_STEM_POOLING] = "same"


class HeadSettings(Section):
    """What makes class probabilities of the last map."""

    width: Annotated[
        BaseWidth | None,
        Field(description="Channels of a 1x1 convolution before the pooling; null: there is none."),
        ANYWHERE,
    ] = None
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


class BlockOptions(Section):
    """What a row of `stages` says of each of its blocks: a block of a candidate has all of it."""

    block: Annotated[Block, PER_BLOCK] = "conv"
    kernel_size: Annotated[KernelSize, PER_BLOCK] = 3
    dilation: Annotated[Dilation, PER_BLOCK] = 1
    groups: Annotated[Groups, only_for("conv", "residual", "preactivation_residual", *NARROW)] = 1
    padding: Annotated[Padding, only_for("conv")] = "same"
    expansion: Annotated[Expansion, only_for(*NARROW, *WIDE)] = None
    stride_in: Annotated[
        Literal["first", "middle"],
        Field(description="The convolution that the block's stride is in."),
        only_for(*NARROW),
    ] = "middle"
    layers: Annotated[
        Whole,
        Field(ge=1, le=64, description="Layers, each of which sees all before it."),
        only_for("dense"),
    ] = 4
    growth: Annotated[
        Whole,
        Field(ge=1, le=512, description="Channels that each layer adds."),
        only_for("dense"),
    ] = 32
    heads: Annotated[
        Whole,
        Field(ge=1, le=64, description="Heads; fewer where these do not divide the channels."),
        only_for("self_attention"),
    ] = 4
    attention: Annotated[
        Literal["squeeze", "cbam"],
        Field(description="Kind of attention, where `squeeze_ratio` is more than 0."),
        Searchable(PER_BLOCK.per, Needs("squeeze_ratio", (0,), other=True)),
    ] = "squeeze"
    squeeze_ratio: Annotated[SqueezeRatio, PER_BLOCK] = 0.0
    spatial_dropout: Annotated[SpatialDropout, PER_BLOCK] = 0.0
    dropout: Annotated[Dropout, PER_BLOCK] = 0.0


class PoolingOptions(Section):
    """What a row of `stages` says of the pooling after it."""

    pooling_size: Annotated[WindowSize, WITH_STAGE_POOLING] = 2
    pooling_stride: Annotated[WindowStride, WITH_STAGE_POOLING] = 2
    pooling_padding: Annotated[Padding, WITH_STAGE_POOLING] = "valid"


class BlockSettings(BlockOptions):
    """One block of a candidate."""

    width: Annotated[Whole, Field(ge=1, description="Channels.")]
    stride: Stride = 1


class StageSettings(PoolingOptions):
    """One stage of a candidate: its blocks, and how the map is halved after them."""

    blocks: tuple[BlockSettings, ...]
    pooling: StagePooling = "none"


class StageRow(BlockOptions, PoolingOptions):
    """One stage, as a row of the long form of `stages`."""

    depth: Annotated[Depth, PER_STAGE] = 1
    width: Annotated[BaseWidth, PER_STAGE]
    stride: Annotated[
        Stride, Field(description="Step of the stage's first convolution, in pixels."), PER_STAGE
    ] = 1
    pooling: Annotated[StagePooling, PER_STAGE] = "none"


class RepeatedStage(BlockOptions, PoolingOptions):
    """The short form of `stages`: one row, repeated `count` times."""

    count: Annotated[Whole, Field(ge=1, le=10, description="Number of stages."), ANYWHERE]
    depth: Annotated[Depth, PER_STAGE] = 1
    width: Annotated[BaseWidth, Field(description="Channels of the first stage."), PER_STAGE]
    width_growth: Annotated[
        Real,
        Field(ge=0.25, le=4, description="Each stage is this much wider than the one before."),
        ANYWHERE,
    ] = 1.0
    pooling: Annotated[StagePooling, PER_STAGE] = "max"


class ScalingSettings(Section):
    """Compound scaling (Tan & Le 2019): each factor is raised to `phi`; without it, nothing is."""

    phi: Annotated[
        Real, Field(ge=0, le=10, description="How far all three are scaled."), ANYWHERE
    ] = 1.0
    depth: Annotated[
        Real, Field(ge=0.1, le=10, description="Factor of the blocks per stage."), ANYWHERE
    ] = 1.2
    width: Annotated[
        Real, Field(ge=0.1, le=10, description="Factor of all channels."), ANYWHERE
    ] = 1.1
    resolution: Annotated[
        Real, Field(ge=0.1, le=10, description="Factor of the images' side."), ANYWHERE
    ] = 1.15


class NetworkSection(Section):
    """What every description of a network has beside its stages."""

    input: InputSettings = InputSettings()
    activation: Annotated[
        Activation, Field(description="What follows each convolution."), ANYWHERE
    ] = "relu"
    normalization: Annotated[
        Literal["batch", "layer", "group", "none"],
        Field(description="What steadies each map."),
        ANYWHERE,
    ] = "batch"
    bias: Annotated[
        Literal["auto", "always", "never"],
        Field(
            description="Whether convolutions add one; `auto`: if no batch normalization follows."
        ),
        ANYWHERE,
    ] = "auto"
    stochastic_depth: Annotated[
        Real,
        Field(
            ge=0,
            le=0.9,
            description="How often training skips a block that has a shortcut: the rate rises "
            "from 0 at the first block to this after the last (Huang et al. 2016).",
        ),
        ANYWHERE,
    ] = 0.0
    smallest_map: Annotated[
        Annotated[Whole, Field(ge=1, le=512)] | None,
        Field(
            description="What all strides may make of the image's side at least, in pixels, before "
            "`scaling`: on small images the first strides and poolings are left out; null: none is."
        ),
        ANYWHERE,
    ] = None
    stem: StemSettings | None = None
    head: HeadSettings = HeadSettings()


class ArchitectureSettings(NetworkSection):
    """The network of one candidate, scaled."""

    resolution_factor: float = 1.0
    stages: tuple[StageSettings, ...]


class TrainingSettings(Section):
    """How a candidate is trained."""

    optimizer: Annotated[
        Literal["adamw", "adam", "sgd"], Field(description="Rule of each step."), ANYWHERE
    ] = "adamw"
    learning_rate: Annotated[
        Real,
        Field(
            gt=0,
            le=10,
            description="Largest step size, after warming up, for batches of 128 images; "
            "others are trained with more or less, to match.",
        ),
        ANYWHERE,
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
