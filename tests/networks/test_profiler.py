"""TensorFlow's profiler counts the operations that the architecture says."""

from __future__ import annotations

from math import prod
from random import Random

import pytest
import tensorflow as tf

from cnnsearch.architecture import Architecture, describe
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


def network(
    name: str, side: int, channels: int, seed: int | None = None, *overrides: str
) -> Architecture:
    choose = first_guess if seed is None else random_chooser(Random(seed))
    candidate = draw(load_space(name, overrides), choose)
    return describe(candidate.architecture, (side, side, channels), 10)


@pytest.mark.parametrize(
    ("name", "side", "channels", "seed"),
    [
        ("default", 28, 1, None),
        ("default", 31, 3, 5),
        ("vgg", 28, 1, 2),
        ("resnet", 28, 3, 3),
        ("reference/lenet-5", 32, 1, None),
        ("reference/alexnet", 64, 3, None),
        ("reference/vgg-11", 32, 3, None),
        ("reference/resnet-18", 64, 3, None),
        ("reference/resnet-50", 64, 3, None),
        ("reference/efficientnet-b0", 64, 3, None),
    ],
)
def test_the_profiler_counts_as_many_macs(
    name: str, side: int, channels: int, seed: int | None
) -> None:
    architecture = network(name, side, channels, seed)

    assert profiled_macs(architecture) == architecture.macs


@pytest.mark.parametrize("block", ["convnext", "dense", "self_attention"])
def test_the_profiler_counts_as_many_macs_of_a_block(block: str) -> None:
    architecture = network("default", 28, 1, None, f"architecture.stages.block={block}")

    assert profiled_macs(architecture) == architecture.macs
