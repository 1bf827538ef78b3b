"""What is odd in a search space, and no error: told on stderr, a line each."""

from __future__ import annotations

import sys

from cnnsearch.errors import Problem
from cnnsearch.screen.terminal import write_line
from cnnsearch.space import SearchSpace
from cnnsearch.space.scaling_rule import scaling_warnings


def print_warnings(space: SearchSpace) -> None:
    """Print what a space most likely does not mean."""
    for warning in scaling_warnings(space):
        write_line(sys.stderr, f"Warning: {warning_words(warning)}")


def warning_words(warning: Problem) -> str:
    """Return the place, the setting and what is odd, as errors are told."""
    return f"{warning.where}  {warning.path}  {warning.message}"
