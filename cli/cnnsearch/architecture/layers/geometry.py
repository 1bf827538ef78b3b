"""How far a sliding window reaches: TensorFlow's rules for `same` and `valid` padding."""

from __future__ import annotations

from typing import Literal

from cnnsearch.architecture.infeasible import InfeasibleError

Padding = Literal["same", "valid"]


def slide(height: int, width: int, window: int, stride: int, padding: Padding) -> tuple[int, int]:
    """Return the height and width that a square window leaves of a map.

    With `same` padding a side of n pixels becomes ceil(n / stride), whatever the window
    (https://www.tensorflow.org/api_docs/python/tf/nn#notes_on_padding_2).

    Raises:
        InfeasibleError: The window is larger than the map (`valid`), or a side of one pixel
            is to be shrunk, or has no pixel.
    """
    smallest = min(height, width)
    if smallest < 1:
        raise InfeasibleError(f"a map of {height}x{width}: nothing to look at", setting="stride")
    if stride > 1 and smallest == 1:
        reason = f"stride {stride} on a side of 1 pixel: nothing left to shrink"
        raise InfeasibleError(reason, setting="stride")
    if padding == "same":
        return -(-height // stride), -(-width // stride)
    if window > smallest:
        reason = f"window of {window} pixels on a map of {height}x{width}"
        raise InfeasibleError(reason, setting="kernel_size")
    return (height - window) // stride + 1, (width - window) // stride + 1


def padding_before(side: int, window: int, stride: int, padding: Padding) -> int:
    """Return how many pixels are added above or to the left of a side.

    `same` adds as few as cover the last window, half of them before, the odd one after.
    """
    if padding == "valid":
        return 0
    return max((-(-side // stride) - 1) * stride + window - side, 0) // 2
