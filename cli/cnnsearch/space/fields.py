"""What all sections of a search space are made of: fields with limits, some of them searchable."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, Strict

from cnnsearch.space.leaf_schema import searchable_schema

Per: TypeAlias = Literal["model", "stage", "block"]


@dataclass(frozen=True)
class Needs:
    """A setting beside it without which a field means nothing: one of `values`, or `other`."""

    setting: str
    values: tuple[str | int, ...]
    other: bool = False  # anything but the values


@dataclass(frozen=True)
class Searchable:
    """Marks a field that may vary, and how finely inside the stages it may be drawn."""

    per: tuple[Per, ...] = ()
    needs: Needs | None = None

    def __get_pydantic_json_schema__(self, core_schema: Any, handler: Any) -> dict[str, Any]:
        """Describe the plain value and the leaf forms."""
        return searchable_schema(handler(core_schema), self.per)


class Section(BaseModel):
    """A mapping of the file whose keys are all known."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


Whole: TypeAlias = Annotated[int, Strict()]
Real: TypeAlias = Annotated[float, Strict(), Field(allow_inf_nan=False)]
ANYWHERE = Searchable()
PER_STAGE = Searchable(per=("model", "stage"))
PER_BLOCK = Searchable(per=("model", "stage", "block"))


def only_for(*blocks: str) -> Searchable:
    """Mark a setting that only these kinds of block have."""
    return Searchable(PER_BLOCK.per, Needs("block", blocks))


def only_with_pooling(*per: Per, kinds: tuple[str, ...]) -> Searchable:
    """Mark a setting of the window of a pooling, which is of one of these kinds or none."""
    return Searchable(per, Needs("pooling", kinds))
