"""How stem, blocks and head write their rows: one part of the network at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from cnnsearch.architecture.graph import GraphBuilder
from cnnsearch.architecture.infeasible import InfeasibleError
from cnnsearch.architecture.layers import (
    Activation,
    Add,
    Convolution,
    Dropout,
    Layer,
    LowestPadding,
    Normalization,
    Pooling,
    Shape,
    SpatialDropout,
    StochasticDepth,
    ZeroPadding,
)

if TYPE_CHECKING:
    from cnnsearch.architecture.layers.geometry import Padding
    from cnnsearch.architecture.layers.spatial import PoolingKind
    from cnnsearch.space import BlockSettings

NormPlace = Literal["after", "later", "never"]  # where a convolution's values are normalized


@dataclass(frozen=True)
class Writer:
    """Writes the rows of one named part; every method returns the new row's index."""

    graph: GraphBuilder
    part: str  # "stage0.block1": the first half of each row's name
    activation: str
    normalization: Literal["batch", "layer", "group", "none"]
    bias: Literal["auto", "always", "never"] = "auto"
    stochastic_depth: float = 0.0  # rate at which this part's branches are skipped in training

    def at(self, part: str, stochastic_depth: float = 0.0) -> Writer:
        """Return the writer of another part of the same network."""
        common = (self.activation, self.normalization, self.bias)
        return Writer(self.graph, part, *common, stochastic_depth)

    def shape(self, node: int) -> Shape:
        """Return the shape of row `node`."""
        return self.graph.shape(node)

    def add(self, name: str, layer: Layer, *inputs: int) -> int:
        """Append any layer as `<part>.<name>`."""
        return self.graph.append(f"{self.part}.{name}", layer, *inputs)

    def convolve(
        self,
        node: int,
        filters: int,
        kernel_size: int,
        stride: int = 1,
        *,
        padding: Padding | int = "same",
        groups: int = 1,
        dilation: int = 1,
        suffix: str = "",
        norm: NormPlace = "after",
    ) -> int:
        """Append a convolution, its normalization, and a bias where one has an effect.

        A batch normalization subtracts the mean of each channel and adds a shift of its own, so a
        bias before it would be a weight without effect; so it is where a sum is normalized
        `later`, by the next block. A padding in pixels is a row of its own.
        """
        node, padding = self._padded(node, padding, suffix)
        takes_bias_away = norm != "never" and self.normalization == "batch"
        bias = self.bias == "always" or (self.bias == "auto" and not takes_bias_away)
        layer = Convolution(filters, kernel_size, stride, padding, groups, dilation, bias)
        node = self.add(f"conv{suffix}", layer, node)
        return self.normalize(node, suffix=suffix) if norm == "after" else node

    def normalize(self, node: int, *, suffix: str = "") -> int:
        """Append the network's normalization, or nothing where it has none."""
        if self.normalization == "none":
            return node
        return self.add(f"norm{suffix}", Normalization(self.normalization), node)

    def activate(self, node: int, *, suffix: str = "") -> int:
        """Append the network's activation."""
        return self.add(f"activation{suffix}", Activation(self.activation), node)

    def pool(
        self, node: int, kind: PoolingKind, size: int, stride: int, padding: Padding | int
    ) -> int:
        """Append a pooling, after its padding where that is in pixels.

        A maximum never is of the padding, as in torchvision: zeros would win over what is below.

        Raises:
            InfeasibleError: A window of a maximum could lie wholly in its padding.
        """
        if kind == "max" and isinstance(padding, int) and padding >= size:
            reason = f"a padding of {padding} pixels holds a window of {size}"
            where = f"{self.part}.pooling"
            raise InfeasibleError(reason, where=where, setting="pooling_padding")
        border = LowestPadding if kind == "max" else ZeroPadding
        node, padding = self._padded(node, padding, "_pooling", border)
        return self.add("pooling", Pooling(kind, size, stride, padding), node)

    def drop(self, node: int, rate: float, *, suffix: str = "") -> int:
        """Append dropout, or nothing where the rate is zero."""
        return self.add(f"dropout{suffix}", Dropout(rate), node) if rate else node

    def finish(self, node: int, settings: BlockSettings) -> int:
        """Append the dropouts that every block ends with."""
        if settings.spatial_dropout:
            node = self.add("spatial_dropout", SpatialDropout(settings.spatial_dropout), node)
        return self.drop(node, settings.dropout)

    def add_shortcut(self, branch: int, shortcut: int, *, suffix: str = "") -> int:
        """Append the sum of the branch and the block's input, both of one shape.

        Stochastic depth skips the branch in training, and leaves the shortcut alone.
        """
        if self.stochastic_depth:
            layer = StochasticDepth(self.stochastic_depth)
            branch = self.add(f"stochastic_depth{suffix}", layer, branch)
        return self.add(f"add{suffix}", Add(), branch, shortcut)

    def projected(self, node: int, like: int, stride: int, *, norm: NormPlace = "after") -> int:
        """Return the row itself where it has the shape of `like`, else a 1x1 convolution of it.

        Option B of He et al. 2016 (arXiv:1512.03385, section 4.1).
        """
        if self.shape(node) == self.shape(like):
            return node
        width = self.shape(like)[2]
        return self.convolve(node, width, 1, stride, suffix="_shortcut", norm=norm)

    def _padded(
        self,
        node: int,
        padding: Padding | int,
        suffix: str,
        border: type[ZeroPadding | LowestPadding] = ZeroPadding,
    ) -> tuple[int, Padding]:
        if isinstance(padding, str):
            return node, padding
        if padding:
            node = self.add(f"padding{suffix}", border(padding), node)
        return node, "valid"
