"""The `gate` section: what a finished run is judged by, in absolute terms and against another."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal, TypeAlias

from pydantic import BeforeValidator, Field, WithJsonSchema

from cnnsearch.space.fields import Section
from cnnsearch.space.quantities import parse_count, parse_latency, parse_share, parse_size

Level: TypeAlias = Literal["off", "warn", "error"]


def _texts(unit: str) -> dict[str, Any]:
    return {"type": "string", "pattern": rf"^\s*\d+(\.\d+)?\s*{unit}\s*$"}


SHARE_SCHEMA = {"anyOf": [{"type": "number", "minimum": 0}, _texts("%")]}
COUNT_SCHEMA = {"anyOf": [{"type": "integer", "minimum": 1}, _texts("[kKMGT]?")]}
SIZE_SCHEMA = {"anyOf": [{"type": "integer", "minimum": 1}, _texts("([kKMGT]?B|[kKMGT]iB)")]}

Accuracy: TypeAlias = Annotated[
    float,
    BeforeValidator(parse_share),
    Field(ge=0, le=1),
    WithJsonSchema({"anyOf": [{"type": "number", "minimum": 0, "maximum": 1}, _texts("%")]}),
]
Share: TypeAlias = Annotated[
    float, BeforeValidator(parse_share), Field(ge=0), WithJsonSchema(SHARE_SCHEMA)
]
Count: TypeAlias = Annotated[
    int, BeforeValidator(parse_count), Field(ge=1), WithJsonSchema(COUNT_SCHEMA)
]
Size: TypeAlias = Annotated[
    int, BeforeValidator(parse_size), Field(ge=1), WithJsonSchema(SIZE_SCHEMA)
]
Latency: TypeAlias = Annotated[
    int, BeforeValidator(parse_latency), Field(ge=1), WithJsonSchema(_texts("(us|ms|s)"))
]


class Limit(Section):
    """The limits of one figure, and what follows where it does not keep to them."""

    unit: ClassVar[str]  # of the figure and its absolute limit: "share", "count", "bytes", "us"
    level: Annotated[
        Level, Field(description="Whether breaking it fails the gate, warns, or is not looked at.")
    ] = "error"

    @classmethod
    def bound_names(cls) -> list[str]:
        """Return the names of the limits that may be given."""
        return [name for name in cls.model_fields if name != "level"]

    @property
    def bounds(self) -> Mapping[str, float]:
        """Return the limits that are given, by name."""
        given = {name: getattr(self, name) for name in self.bound_names()}
        return {name: bound for name, bound in given.items() if bound is not None}


class AccuracyLimit(Limit):
    """Limits of an accuracy, a share of images from 0 to 1."""

    unit: ClassVar[str] = "share"
    min: Annotated[Accuracy | None, Field(description="The least accuracy: `0.9`, `90%`.")] = None
    max_drop: Annotated[
        Accuracy | None,
        Field(description="How much less than the baseline's it may be: `0.005` is half a point."),
    ] = None


class CostLimit(Limit):
    """What the limits of all costs have."""

    max_rise: Annotated[
        Share | None,
        Field(description="How much more than the baseline's it may be, as a share of it: `10%`."),
    ] = None


class CountLimit(CostLimit):
    """Limits of a count."""

    unit: ClassVar[str] = "count"
    max: Annotated[Count | None, Field(description="The most: `500k`.")] = None


class SizeLimit(CostLimit):
    """Limits of a size on disk, in bytes."""

    unit: ClassVar[str] = "bytes"
    max: Annotated[Size | None, Field(description="The most: `4MB`.")] = None


class LatencyLimit(CostLimit):
    """Limits of a measured time, in microseconds."""

    unit: ClassVar[str] = "us"
    max: Annotated[Latency | None, Field(description="The most: `5ms`.")] = None


LIMITS: Mapping[str, type[Limit]] = {
    "test_accuracy": AccuracyLimit,
    "val_accuracy": AccuracyLimit,
    "parameters": CountLimit,
    "macs": CountLimit,
    "latency": LatencyLimit,
    "latency_batch64": LatencyLimit,
    "export_size": SizeLimit,
}


class GateSection(Section):
    """What a finished run must keep to; without limits, nothing is judged."""

    test_accuracy: Annotated[
        AccuracyLimit | None, Field(description="Of the winner, on the test split.")
    ] = None
    val_accuracy: Annotated[
        AccuracyLimit | None, Field(description="Of the winner, on the validation images.")
    ] = None
    parameters: Annotated[CountLimit | None, Field(description="Weights and statistics.")] = None
    macs: Annotated[CountLimit | None, Field(description="Multiply-accumulates for one image.")] = (
        None
    )
    latency: Annotated[LatencyLimit | None, Field(description="Measured time for one image.")] = (
        None
    )
    latency_batch64: Annotated[
        LatencyLimit | None, Field(description="Measured time for 64 images at once.")
    ] = None
    export_size: Annotated[
        SizeLimit | None, Field(description="Size on disk of the largest exported model.")
    ] = None

    def limits(self) -> dict[str, Limit]:
        """Return the limits that are looked at, by figure."""
        given = {name: getattr(self, name) for name in LIMITS}
        return {
            name: limit
            for name, limit in given.items()
            if limit is not None and limit.level != "off"
        }

    def limited(self) -> set[str]:
        """Return the names of the figures that are looked at."""
        return set(self.limits())
