"""The sections of the YAML file, declared once: what is read, and the whole file."""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BeforeValidator, Field, Strict, WithJsonSchema

from cnnsearch.space.constraints import (
    Constraint,
    parse_latency_limits,
    parse_limits,
    parse_size_limits,
    parse_small_limits,
)
from cnnsearch.space.fields import Real, Section, Whole
from cnnsearch.space.gate import GateSection
from cnnsearch.space.quantities import parse_duration, parse_share
from cnnsearch.space.settings import (
    AugmentationSettings,
    NetworkSection,
    RepeatedStage,
    ScalingSettings,
    StageRow,
    TrainingSettings,
)


class ArchitectureSection(NetworkSection):
    """The network, or the networks, that the file describes."""

    scaling: ScalingSettings | None = None
    stages: Annotated[
        RepeatedStage | list[StageRow],
        Field(description="One row repeated `count` times, or a list with one row per stage."),
    ]


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
    """What is best: exactly one of the two scores, and any of the costs."""

    val_accuracy: Annotated[
        Literal["max"] | None, Field(description="Share of validation images that are right.")
    ] = None
    val_loss: Annotated[
        Literal["min"] | None, Field(description="Cross-entropy on the validation images.")
    ] = None
    parameters: Annotated[Literal["min"] | None, Field(description="Weights and statistics.")] = (
        None
    )
    macs: Annotated[
        Literal["min"] | None, Field(description="Multiply-accumulates for one image.")
    ] = None
    latency: Annotated[
        Literal["min"] | None, Field(description="Measured milliseconds for one image.")
    ] = None
    latency_batch64: Annotated[
        Literal["min"] | None, Field(description="Measured milliseconds for 64 images at once.")
    ] = None


SCORES = ("val_accuracy", "val_loss")  # of the objectives; the others are costs


def _limit_schema(unit: str) -> dict[str, Any]:
    number = r"^\s*(<=|>=|==|<|>)?\s*\d+(\.\d+)?\s*"
    return {
        "anyOf": [
            {"type": "integer", "minimum": 1},
            {"type": "string", "pattern": rf"{number}{unit}\s*$"},
            {"type": "array", "items": {"type": ["string", "integer"]}, "minItems": 1},
        ]
    }


def _latency_schema() -> dict[str, Any]:
    text = {"type": "string", "pattern": r"^\s*(<=|>=|<|>)?\s*\d+(\.\d+)?\s*(us|ms|s)\s*$"}
    return {"anyOf": [text, {"type": "array", "items": text, "minItems": 1}]}


Limits: TypeAlias = Annotated[
    tuple[Constraint, ...],
    BeforeValidator(parse_limits),
    WithJsonSchema(_limit_schema("[kKMGT]?")),
]
SmallLimits: TypeAlias = Annotated[
    tuple[Constraint, ...],
    BeforeValidator(parse_small_limits),
    WithJsonSchema(_limit_schema("[kKMGT]?")),
]
SizeLimits: TypeAlias = Annotated[
    tuple[Constraint, ...],
    BeforeValidator(parse_size_limits),
    WithJsonSchema(_limit_schema("([kKMGT]?B|[kKMGT]iB)?")),
]


LatencyLimits: TypeAlias = Annotated[
    tuple[Constraint, ...],
    BeforeValidator(parse_latency_limits),
    WithJsonSchema(_latency_schema()),
]


class ConstraintsSection(Section):
    """What every candidate must keep to before it is trained."""

    parameters: Annotated[
        Limits | None, Field(description="Weights and statistics, such as `<= 500k`.")
    ] = None
    macs: Annotated[
        Limits | None, Field(description="Multiply-accumulates for one image, such as `<= 50M`.")
    ] = None
    flops: Annotated[
        Limits | None, Field(description="Float operations for one image: twice the MACs.")
    ] = None
    layers: Annotated[
        SmallLimits | None,
        Field(description="Layers with weights on the longest path, as `<= 50`."),
    ] = None
    receptive_field: Annotated[
        SmallLimits | None,
        Field(description="Side of what the last map's pixels see, in pixels, such as `>= 28`."),
    ] = None
    download_size: Annotated[
        SizeLimits | None, Field(description="All weights at 4 bytes each, such as `<= 4MB`.")
    ] = None
    activation_memory: Annotated[
        SizeLimits | None,
        Field(description="Most memory of maps at once for one image, such as `<= 1MB`."),
    ] = None
    training_memory: Annotated[
        SizeLimits | None,
        Field(description="Weights, gradients, optimizer and a batch's maps, such as `<= 2GB`."),
    ] = None
    latency: Annotated[
        LatencyLimits | None,
        Field(description="Measured time for one image, such as `<= 5ms`."),
    ] = None
    latency_batch64: Annotated[
        LatencyLimits | None,
        Field(description="Measured time for 64 images at once, such as `<= 50ms`."),
    ] = None


class SearchSection(Section):
    """How candidates are proposed and stopped early."""

    algorithm: Annotated[
        Literal["evolution", "random", "quasi_random", "grid", "local", "tpe", "nsga2"],
        Field(
            description="Who proposes the next candidate: search_spaces/README.md compares them. "
            "`nsga2` if there are several objectives."
        ),
    ] = "local"
    pruning: Annotated[
        Literal["asha", "none"], Field(description="Who stops poor candidates early.")
    ] = "asha"
    seed: Annotated[Whole, Field(ge=0, lt=2**32, description="Start of every random choice.")] = 1


DURATION_SCHEMA: dict[str, Any] = {
    "anyOf": [
        {"type": "number", "exclusiveMinimum": 0},
        {"type": "string", "pattern": r"^\s*((\d+(\.\d+)?\s*[dhms]\s*)+|\d+(\.\d+)?\s*)$"},
    ]
}


def _share_schema(**limits: float) -> dict[str, Any]:
    percent = {"type": "string", "pattern": r"^\s*\d+(\.\d+)?\s*%\s*$"}
    return {"anyOf": [{"type": "number", **limits}, percent]}


def _time_budget(value: object) -> float:
    seconds = parse_duration(value)
    if seconds <= 0:
        raise ValueError("no time is left to search; give more than 0, such as 10m")
    return seconds


def _patience(value: object) -> float:
    seconds = parse_duration(value)
    if seconds <= 0:
        raise ValueError("every search would end at once; give more than 0, such as 20m")
    return seconds


def _trial_budget(value: object) -> object:
    if isinstance(value, int) and not isinstance(value, bool) and value <= 0:
        raise ValueError("no trial is left to search; give 1 or more")
    return value


class BudgetSection(Section):
    """When the search ends: whichever of these comes first."""

    time_s: Annotated[
        Annotated[float, BeforeValidator(_time_budget), WithJsonSchema(DURATION_SCHEMA)] | None,
        Field(alias="time", description="Time for everything, such as `10m` or `1h30m`."),
    ] = None
    trials: Annotated[
        Annotated[Whole, BeforeValidator(_trial_budget), Field(ge=1)] | None,
        Field(description="Number of candidates to train."),
    ] = None
    trial_time_s: Annotated[
        Annotated[float, BeforeValidator(_time_budget), WithJsonSchema(DURATION_SCHEMA)] | None,
        Field(alias="trial_time", description="Most time for one candidate, such as `2m`."),
    ] = None
    reserve: Annotated[
        float,
        BeforeValidator(parse_share),
        Field(
            ge=0,
            le=0.9,
            description="Share of the time kept to finish the winner, up to 0.6 if it needs it.",
        ),
        WithJsonSchema(_share_schema(minimum=0, maximum=0.9)),
    ] = 0.2
    target: Annotated[
        Annotated[
            float,
            BeforeValidator(parse_share),
            Field(gt=0),
            WithJsonSchema(_share_schema(exclusiveMinimum=0)),
        ]
        | None,
        Field(description="Value of the first objective that is good enough, such as `0.95`."),
    ] = None
    patience_s: Annotated[
        Annotated[float, BeforeValidator(_patience), WithJsonSchema(DURATION_SCHEMA)] | None,
        Field(alias="patience", description="Longest time without a better score, such as `20m`."),
    ] = None


class ExportSection(Section):
    """What the winner is written as."""

    formats: Annotated[
        tuple[Literal["savedmodel", "keras", "tflite", "onnx"], ...],
        Field(min_length=1, description="File formats; onnx needs the extra of that name."),
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
    gate: GateSection = GateSection()
