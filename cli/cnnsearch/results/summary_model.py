"""`summary.json` as a model: what is read of a run that others made, and its JSON Schema.

What this version does not know is let through: additions do not raise the version.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from cnnsearch.results.summary import SUMMARY_VERSION

DIALECT = "https://json-schema.org/draft/2020-12/schema"
Share = Annotated[float, Field(ge=0, le=1)]
Whole = Annotated[int, Field(ge=0)]


class Part(BaseModel):
    """A mapping of the summary, whose known keys are of the known types."""

    model_config = ConfigDict(frozen=True, extra="allow")


class Interval(Part):
    """An accuracy with its 95 % interval (Wilson) and the images that it was counted on."""

    accuracy: Share
    low: Share
    high: Share
    correct: Whole
    count: Annotated[int, Field(ge=1)]


class DatasetFacts(Part):
    """The images that were searched on."""

    name: str
    shape: Annotated[list[Whole], Field(description="Height, width and channels.")]
    validation: Whole
    test: Whole
    fingerprint: Annotated[str | None, Field(description="SHA-256 of all images and labels.")] = (
        None
    )


class BeganWith(Part):
    """The earlier run whose trials a search learned from."""

    run: str
    folder: str | None = None
    trials: Whole
    warnings: Annotated[list[str], Field(description="What of it could not be used.")]


class RunFacts(Part):
    """What was asked, of what."""

    name: str
    folder: str
    state: Literal["finished", "running", "stopped", "failed", "killed"]
    space: str
    dataset: DatasetFacts
    device: str | None
    seed: Whole
    began_with: BeganWith | None = None
    objectives: dict[str, Literal["max", "min"]]
    started: Annotated[str | None, Field(description="Time of the beginning, as in ISO 8601.")]
    elapsed_s: Annotated[float, Field(ge=0)]
    budget: dict[str, Any]
    versions: dict[str, str]


class Timed(Part):
    """A latency that was measured, in milliseconds."""

    median_ms: Annotated[float, Field(ge=0)]
    low_ms: Annotated[float, Field(ge=0)] | None = None
    high_ms: Annotated[float, Field(ge=0)] | None = None


class Winner(Part):
    """The network that was exported."""

    trial: Whole
    value: Annotated[float, Field(description="Value of the first objective, finished.")]
    value_in_search: float | None
    scored_step: Annotated[Whole | None, Field(description="Step of the value in the search.")] = (
        None
    )
    parameters: Whole
    macs: Whole
    measured: Annotated[dict[str, Timed], Field(description="Latencies by name.")]
    settings: dict[str, Any]
    steps: Whole
    annealed_steps: Whole


class Member(Part):
    """A trial that no other dominates."""

    trial: Whole
    values: dict[str, float]


class FrontFacts(Part):
    """The front, where there are several objectives."""

    trials: list[Member]
    scales: dict[str, dict[str, Any]]
    hypervolume: list[dict[str, Any]]


class Exported(Part):
    """A model file, or a folder of such."""

    format: str
    path: Annotated[str, Field(description="Within the run's folder.")]
    size_bytes: Whole | None = None


class TrialFacts(Part):
    """A trial, whatever its end."""

    number: Whole
    state: str
    value: float | None
    parameters: Whole
    macs: Whole
    measured: dict[str, Timed]
    steps: Whole
    looks: Annotated[
        dict[str, float | None],
        Field(description="Scores by step; a step is a batch of the first guess's."),
    ]
    seconds: float
    last_step: Annotated[
        Whole | None, Field(description="Step that it has come to, if it is in training.")
    ] = None
    settings: dict[str, Any]
    message: str | None


class Infeasible(Part):
    """Draws that were outside the limits."""

    count: Whole
    reasons: dict[str, Whole]


class SummaryModel(Part):
    """What a run found."""

    version: Literal[1]
    run: RunFacts
    winner: Winner | None
    validation: Interval | None
    test: Interval | None
    front: FrontFacts | None
    counts: dict[str, Whole]
    ended_because: dict[str, Any] | None
    infeasible: Infeasible
    explanation: dict[str, Any] | None
    exports: list[Exported]
    timing: dict[str, Any]
    trials: list[TrialFacts]
    gate: Annotated[
        dict[str, Any] | None,
        Field(description="Only in what `--ci --json` prints: the verdict of the gate."),
    ] = None


def summary_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of `summary.json`."""
    schema = SummaryModel.model_json_schema(mode="validation")
    title = f"cnnsearch summary, version {SUMMARY_VERSION}"
    return {"$schema": DIALECT, **schema, "title": title}
