"""How a command hands what it found to other programs."""

from __future__ import annotations


def print_json(content: object) -> None:
    """Print `content` to stdout as JSON."""
    import json

    print(json.dumps(content, indent=2, allow_nan=False))
