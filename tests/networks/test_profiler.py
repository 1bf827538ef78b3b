"""TensorFlow's profiler counts the operations that the architecture says."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from random import Random

import pytest
import tensorflow as tf

from cnnsearch.architecture import Architecture, describe
from cnnsearch.architecture.blocks import BLOCKS
from cnnsearch.networks import build
from cnnsearch.space import draw, first_guess, load_space, random_chooser

# Matrix products: those of single values and sums are no MACs.
PRODUCTS = ("Conv2D", "DepthwiseConv2dNative", "MatMul")


def profiled_macs(architecture: Architecture) -> int:
    """Return half the float operations of all matrix products in the graph of one prediction."""
    channels = architecture.input_shape[2]
    model = build(architecture, scale=[1.0] * channels, offset=[0.0] * channels, seed=1)
    image = tf.TensorSpec((1, *architecture.input_shape), tf.uint8)
    graph = tf.function(model).get_concrete_function(image).graph
    options = tf.compat.v1.profiler.ProfileOptionBuilder(
        tf.compat.v1.profiler.ProfileOptionBuilder.float_operation()
    )
    profile = tf.compat.v1.profiler.profile(
        graph, cmd="op", options=options.with_empty_output().build()
    )
    operations, node = 0, profile
    while node.children:  # each kind of operation is the only child of the one before
        (node,) = node.children
        operations += node.float_ops if node.name in PRODUCTS else 0
    return int(operations) // 2 + sum(
        einsum_macs(operation) for operation in graph.get_operations() if operation.type == "Einsum"
    )


def einsum_macs(operation: tf.Operation) -> int:
    """Return the MACs of `abc,cd->abd`, which the profiler does not know; 0 without a sum."""
    inputs, output = operation.get_attr("equation").decode().split("->")
    sizes: dict[str, int] = {}
    for labels, tensor in zip(inputs.split(","), operation.inputs, strict=True):
        sizes |= dict(zip(labels, tensor.shape, strict=True))
    return prod(sizes.values()) if sizes.keys() - set(output) else 0


# Ten networks of ten families: a shipped space with what changes it, and the side and channels of
# an image. ResNeXt is none of them: Keras has XLA compile grouped convolutions, which the profiler
# does not see.
STAGES, BLOCK = "architecture.stages", "architecture.stages.block"
NETWORKS = {
    "LeNet": ("reference/lenet-5", 32, 1, ()),
    "AlexNet": ("reference/alexnet", 64, 3, ()),
    "VGG": ("reference/vgg-11", 32, 3, ()),
    "ResNet": ("reference/resnet-50", 64, 3, ()),
    "DenseNet": ("reference/densenet-121", 64, 3, ()),
    "MobileNet": ("default", 28, 1, (f"{BLOCK}=separable",)),
    "EfficientNet": ("reference/efficientnet-b0", 64, 3, ()),
    "EfficientNetV2": (
        "default",
        33,
        3,
        (f"{BLOCK}=fused_mbconv", f"{STAGES}.expansion=4", f"{STAGES}.squeeze_ratio=0.25"),
    ),
    "ConvNeXt": ("default", 28, 1, (f"{BLOCK}=convnext", f"{STAGES}.kernel_size=7")),
    "Transformer": ("default", 28, 1, (f"{BLOCK}=self_attention",)),
}


def network(
    name: str, side: int, channels: int, overrides: Sequence[str] = (), seed: int | None = None
) -> Architecture:
    choose = first_guess if seed is None else random_chooser(Random(seed))
    candidate = draw(load_space(name, overrides), choose)
    return describe(candidate.architecture, (side, side, channels), 10)


def test_the_networks_are_of_ten_families() -> None:
    assert len(NETWORKS) == 10


@pytest.mark.parametrize(
    ("name", "side", "channels", "overrides"), NETWORKS.values(), ids=NETWORKS.keys()
)
def test_the_profiler_counts_as_many_macs(
    name: str, side: int, channels: int, overrides: tuple[str, ...]
) -> None:
    architecture = network(name, side, channels, overrides)

    assert profiled_macs(architecture) == architecture.macs


@pytest.mark.parametrize(("name", "seed"), [("default", 5), ("resnet", 3)])
def test_the_profiler_counts_as_many_macs_of_a_drawn_network(name: str, seed: int) -> None:
    architecture = network(name, 31, 3, seed=seed)

    assert profiled_macs(architecture) == architecture.macs


@pytest.mark.parametrize("block", sorted(BLOCKS))
def test_the_profiler_counts_as_many_macs_of_a_block(block: str) -> None:
    architecture = network("default", 28, 1, [f"{BLOCK}={block}", f"{STAGES}.squeeze_ratio=0.25"])

    assert profiled_macs(architecture) == architecture.macs
