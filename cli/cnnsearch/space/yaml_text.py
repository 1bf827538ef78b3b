"""Plain values as YAML that our own reading turns into the same values."""

from __future__ import annotations

import re
from typing import Any

import yaml

from cnnsearch.space import scalars


class _Dumper(yaml.SafeDumper):
    """Quotes a text exactly where our scalars would read it as something else."""

    def ignore_aliases(self, data: Any) -> bool:
        """Write every value out: nobody reads anchors."""
        return True


_Dumper.yaml_implicit_resolvers = {}  # none of YAML 1.1's


def _resolver(tag: str, pattern: re.Pattern[str]) -> None:
    _Dumper.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", pattern_at_end(pattern), None)


def pattern_at_end(pattern: re.Pattern[str]) -> re.Pattern[str]:
    """Return the pattern for a whole text, as PyYAML only matches the start."""
    return re.compile(rf"(?:{pattern.pattern})\Z")


for _tag, _pattern in (
    ("null", scalars.NULL),
    ("bool", scalars.BOOLEAN),
    ("int", scalars.WHOLE),
    ("float", scalars.REAL),
):
    _resolver(_tag, _pattern)


def yaml_text(content: dict[str, Any]) -> str:
    """Return a mapping as YAML, keys in their order."""
    return yaml.dump(content, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100)
