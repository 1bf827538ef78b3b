"""A network on the screen."""

from __future__ import annotations

from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
from rich.console import Console

from cnnsearch.screen.architecture import print_architecture

Describe = Callable[[str], dict[str, Any]]


def printed(described: dict[str, Any], width: int, *, every_row: bool = False) -> list[str]:
    """Return the lines of a terminal of so many columns."""
    stream = StringIO()
    console = Console(file=stream, width=width, highlight=False)
    print_architecture(described, console, every_row=every_row)
    return stream.getvalue().splitlines()


def test_the_table_of_layers(described: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    print_architecture(described)

    assert (
        capsys.readouterr().out
        == """\
small for 6x6x1, 2 classes
weights    314 parameters, 8 of these statistics; 1.26 kB
an image   2.53k MACs, 5.06k FLOPs; 432 B of maps at most, at stage0.add
training   10.8 kB for a batch of 8 with adamw; 740 B for each image, 58 % of it in stem
depth      4 layers with weights on the longest path
sees       13 pixels of an image of 6x6; wide enough for all of it from stage0.conv on

row              layer                      output  parameters  MACs   kept  sees  jump
stem.conv        convolution 5x5 /2         3x3x4          100   900  144 B     5     2
stem.norm        batch normalization        3x3x4           16        144 B     5     2
stem.activation  leaky relu                 3x3x4                     144 B     5     2
stage0.conv      depthwise convolution 3x3  3x3x4           40   324            9     2
stage0.add       add                        3x3x4                     144 B     9     2
stage0.wide      convolution 3x3            3x3x4          148  1.3k         13 *     2
head.pooling     average global pooling     4
head.dropout     dropout, rate 0.2          4                          20 B
head.classes     dense                      2               10     8
* sees nothing new: what comes before already sees the whole image

part    output  parameters         MACs         kept
stem    3x3x4          116  37 %    900  36 %  432 B  58 %
stage0  3x3x4          188  60 %  1.62k  64 %  144 B  19 %
head    2               10   3 %      8   0 %   20 B   3 %
"""
    )


@pytest.mark.parametrize("width", [200, 120, 80, 60])
@pytest.mark.parametrize("name", ["lenet-5", "efficientnet-b7", "densenet-121"])
@pytest.mark.parametrize("every_row", [False, True])
def test_no_number_is_ever_cut(
    reference: Describe, name: str, width: int, *, every_row: bool
) -> None:
    lines = printed(reference(name), width, every_row=every_row)

    assert max(map(len, lines)) <= width
    assert not any("…" in line for line in lines)


def test_what_a_narrow_terminal_has_no_room_for_is_told(reference: Describe) -> None:
    lines = printed(reference("efficientnet-b7"), 80, every_row=True)

    assert "(no room for: jump)" in lines
    conv = next(line for line in lines if line.startswith("s6.b3.conv2"))
    assert conv.split()[-6:] == ["34.6k", "12.5M", "5.54", "MB", "3,079", "*"]


def test_a_long_network_is_told_block_by_block(reference: Describe) -> None:
    lines = printed(reference("resnet-152"), 120)

    equal = next(line for line in lines if line.startswith("stage2.block1-35"))
    assert "conv 1x1, conv 3x3, conv 1x1, add" in equal
    assert "39,208,960" in equal  # 35 times 1,120,256, the statistics included
    assert "Equal blocks share a line; --all prints all 517 layers." in lines
    assert len(lines) < 40


def test_limits_settings_and_strides_left_out_are_told(described: dict[str, Any]) -> None:
    limits = [
        {"text": "parameters 314 > 300", "holds": False},
        {"text": "layers 4 <= 5", "holds": True},
        {"text": "latency <= 5 ms (measured in a run)", "holds": None},
    ]
    left_out = [
        {"part": "stem", "kind": "stride", "given": 2, "left": 1},
        {"part": "stage0", "kind": "pooling", "given": 3, "left": 2},
    ]
    settings = {"architecture.stem.width": 4, "training.learning_rate": 0.004}
    about = {"limits": limits, "left_out": left_out, "smallest_map": 4, "settings": settings}

    lines = printed({**described, **about}, 80)

    assert lines[1] == "over the limits: parameters 314 > 300"
    assert "limits     layers 4 <= 5, latency <= 5 ms (measured in a run)" in lines
    assert "left out   stride of stem, pooling of stage0 (3 to 2) (smallest_map 4)" in lines
    assert "settings   stem.width=4 learning_rate=0.004" in lines
